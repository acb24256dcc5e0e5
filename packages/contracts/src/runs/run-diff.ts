import { z } from "zod";
import { id } from "../basics/primitives.js";
import { rungKind } from "../protocol/events.js";
import { parameterValue } from "../protocol/run-request.js";
import { contradiction } from "./contradictions.js";
import { environmentValue } from "./run-records.js";
import { divergence, likelihood } from "./verifications.js";

/** One field in which two runs differ; a side that lacks the field has `null` and is named in `missing`. */
const difference = <T extends z.ZodType>(value: T) =>
  z.strictObject({
    key: z.string(),
    a: value.nullable(),
    b: value.nullable(),
    missing: z.enum(["a", "b"]).nullable(),
  });

export const rungDifference = z.strictObject({
  kind: rungKind,
  position: z.int(),
  a: z.string().nullable(),
  b: z.string().nullable(),
  /** False: both have the rung, by two algorithms, so that it is not known whether they differ in it. */
  comparable: z.boolean().default(true),
});
export type RungDifference = z.infer<typeof rungDifference>;

/** What tells two runs apart, and nothing that they share. */
export const runDiff = z
  .strictObject({
    a: id,
    b: id,
    configuration: z.array(difference(parameterValue)),
    /** Which of the runs have an environment; where one has none, nothing is compared. */
    environmentsRecorded: z.strictObject({ a: z.boolean(), b: z.boolean() }),
    /** Most likely to change results first; `setByArm` is what the arms of the two runs set differently: the treatment. */
    environment: z.array(difference(environmentValue).extend({ likelihood, setByArm: z.boolean() })),
    /** Whether the digests are what the training program reports, rather than computed by Reprise's own code. */
    digestsReported: z.boolean(),
    /** What the records of the two runs say that cannot all be so. */
    contradictions: z.array(contradiction),
    ladder: z.strictObject({
      /** Rungs with equal digests on both sides. */
      matched: z.int(),
      differing: z.int(),
      /** Rungs that both have by two algorithms, and why these are not compared; null where there are none. */
      incomparable: z.strictObject({ rungs: z.int(), because: z.string() }).nullable(),
      /** The lowest rung present on both sides whose digests differ; null when there is none. */
      firstDivergence: rungDifference.nullable(),
      /** Where what both computed first differs and which tensors differ there, with the same in words. */
      parting: divergence.extend({ sentence: z.string() }).nullable(),
      /**
       * What is not known to be equal, in the order of the ladder; at most the first thousand. A rung that one side lacks
       * has null there.
       */
      differences: z.array(rungDifference),
    }),
  })
  .meta({ id: "RunDiff" });
export type RunDiff = z.infer<typeof runDiff>;
