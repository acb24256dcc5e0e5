import { z } from "zod";
import { id } from "../basics/primitives.js";
import { claimSubject } from "./claims.js";

/** What a setting is called where it lives (`torch.backends.cudnn.benchmark`), or the name of an environment variable. */
export const settingName = z
  .string()
  .min(1)
  .max(250)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u, "a name of characters that can be printed");

/** Null for a variable that is not set. Whole numbers beyond ±(2^53 − 1) are written as text. */
export const settingValue = z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()]);
export type SettingValue = z.infer<typeof settingValue>;

/** Steps made until then; null for what belongs to no step. */
const step = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)
  .nullable();

/** Whose code read a setting: Reprise's, inside the training process, or the program's own. */
export const observer = z.enum(["reprise", "program"]);
export type Observer = z.infer<typeof observer>;

/** Where in the program's code a value was set: `train.py:31`. */
const where = z.string().min(1).max(500);

/** Which of several processes that train one run together; without one the first. */
const rank = z.int().min(0).max(1_000_000);

/** One look at one setting of a training process. Only Reprise's code names itself; all else is the program's word. */
export const observation = z.strictObject({
  step,
  name: settingName,
  value: settingValue,
  observer: observer.default("program"),
  where: where.optional(),
  rank: rank.optional(),
});
export type Observation = z.infer<typeof observation>;

/** All looks at one setting of a run in short, and whether it was as the arm asks and stayed so. */
export const observedSetting = z.strictObject({
  name: z.string(),
  /** Of processes but the first. */
  rank: rank.optional(),
  /** Reprise only where its code made every look. */
  observer: observer.default("program"),
  /** What it says something about; null for a setting that Reprise knows nothing of. */
  subject: claimSubject.nullable(),
  /** Looks, and how often one found another value than the look before, from where on that is a change of the training. */
  count: z.int(),
  changes: z.int(),
  firstStep: step,
  lastStep: step,
  /** At the first and at the last look, by step. */
  first: settingValue,
  last: settingValue,
  /** What the specification asks for; null where it asks for nothing. */
  requested: z.string().nullable(),
  /** The parameters that ask for it, where it is one of several; or what the program logs of it. */
  requestedAs: z.string().optional(),
  /** Where the first value was set, as far as that was seen; a departure says where it was itself. */
  where: where.optional(),
  departure: z
    .strictObject({
      /** It is not what was asked for, or not what the program logs of it, or it did not stay as it was. */
      kind: z.enum(["contradicts", "misreported", "changed"]),
      /** What it was then, and from which look to which; at a change also what it was before. */
      value: settingValue,
      before: settingValue.optional(),
      fromStep: step,
      toStep: step,
      where: where.optional(),
    })
    .nullable(),
});
export type ObservedSetting = z.infer<typeof observedSetting>;

/** Consecutive looks at which a setting had one and the same value. */
export const observedStretch = z.strictObject({
  name: z.string(),
  value: settingValue,
  fromStep: step,
  toStep: step,
  count: z.int(),
  observer: observer.default("program"),
  where: where.optional(),
  rank: rank.optional(),
});
export type ObservedStretch = z.infer<typeof observedStretch>;

/** Settings by name, and every stretch of them by step. */
export const runObservations = z
  .strictObject({
    runId: id,
    settings: z.array(observedSetting),
    stretches: z.array(observedStretch),
  })
  .meta({ id: "RunObservations" });
export type RunObservations = z.infer<typeof runObservations>;

/** Something of a training process that could not be seen, and why: what is known of the run is less by it. */
export const captureGap = z.strictObject({
  what: z.string().min(1).max(250),
  reason: z.string().min(1).max(2_000),
  step: step.default(null),
});
export type CaptureGap = z.infer<typeof captureGap>;

export const loggedObservations = z
  .strictObject({
    observations: z.array(observation).max(10_000).default([]),
    gaps: z.array(captureGap).max(100).default([]),
  })
  .refine(({ observations, gaps }) => observations.length + gaps.length > 0, {
    error: "holds neither observations nor gaps",
    path: ["observations"],
  })
  .meta({ id: "LoggedObservations" });
export type LoggedObservations = z.infer<typeof loggedObservations>;
export const loggedObservationsAnswer = z.strictObject({
  runId: id,
  observations: z.int(),
  settings: z.array(observedSetting),
});
export type LoggedObservationsAnswer = z.infer<typeof loggedObservationsAnswer>;
