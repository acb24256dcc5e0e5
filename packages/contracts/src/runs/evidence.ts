import { z } from "zod";
import { id } from "../basics/primitives.js";
import { keptDivergence } from "./located-divergence.js";
import { captureGap, observedStretch, settingValue } from "./observations.js";

const { fromStep: step, toStep, name, rank, where, observer } = observedStretch.shape;

/**
 * How much of a training process was seen:
 *
 * - `complete`: Reprise's code looked at it from the first step to the last, and missed nothing that it looks for; or it is
 *   Reprise's own trainer;
 * - `partial`: there are gaps, or some looks are the program's own;
 * - `reported`: the program alone tells of it;
 * - `none`: nobody does.
 */
export const coverageLevel = z.enum(["complete", "partial", "reported", "none"]);
export type CoverageLevel = z.infer<typeof coverageLevel>;

/** What was seen of a run's training process, by step, and what of it is not as it was requested. */
export const evidence = z
  .strictObject({
    runId: id,
    /** Consecutive looks at which a setting had one value, from `step` to `toStep` (steps made until then). */
    observed: z.array(
      z.strictObject({ name, rank, value: settingValue, step, toStep, looks: z.int(), observer, where }),
    ),
    /** What is otherwise than requested, did not stay as it was, or is not what the program logs of it, which its arm may survive. */
    contradictions: z.array(
      z.strictObject({
        name,
        rank,
        /** Or what the program logs. Null where nothing was requested: the value changed. */
        requested: settingValue,
        observed: settingValue,
        step,
        toStep,
        observer,
        where,
        sentence: z.string(),
      }),
    ),
    /** Whether the run ran as its arm asks; null where nobody saw it. */
    arm: z.strictObject({ name: z.string(), held: z.boolean().nullable(), reason: z.string() }),
    coverage: z.strictObject({
      level: coverageLevel,
      sentence: z.string(),
      looks: z.int(),
      settings: z.int(),
      firstStep: step,
      lastStep: step,
      /** Processes that were looked into, by rank. */
      ranks: z.array(z.int()),
    }),
    gaps: z.array(captureGap),
    /** In which operation two trainings of the run's program part; null if it was not searched for. */
    divergence: keptDivergence.nullable(),
  })
  .meta({ id: "Evidence" });
export type Evidence = z.infer<typeof evidence>;
