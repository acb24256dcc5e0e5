import { z } from "zod";
import { envelope, interval, number } from "./envelope.js";
import { analysisTable, group, verdict } from "./parts.js";

/** Table V and its repair: both tests for one arm at one configuration and seed. */
export const significanceRow = z.strictObject({
  group,
  arm: z.string(),
  n: z.int(),
  deterministicValue: number,
  mean: number,
  sd: number,
  /** Permutation of the deterministic run with the repeats of its seed, within the family of the study. */
  permutation: z.strictObject({
    p: number,
    /** Null where the relabelings of one seed are too few for a claim at its level. */
    adjustedP: number,
    rejected: z.boolean().nullable(),
    /** The smallest p that so many repeats can give. */
    smallestP: number,
  }),
  /** The same question by normal theory, seed by seed. */
  newObservation: z.strictObject({
    statistic: number,
    df: number,
    p: number,
    adjustedP: number,
    /** Of one more run: computed wider, so that it covers 95 % even where repeats are skewed or heavy-tailed. */
    predictionInterval: interval,
  }),
  oneSample: z.strictObject({
    statistic: number,
    df: number,
    p: number,
    adjustedP: number,
    rejected: z.boolean().nullable(),
    /** How often it rejects when the deterministic run is just another draw, at this n. */
    falsePositiveRate: number,
  }),
  /** Shift that the new-observation test finds with 80 % power, in the metric's unit. */
  minimumDetectableShift: number,
  /** Why a test could not be done; null when it could. */
  reason: z.string().nullable(),
  verdicts: z.array(verdict),
});
export type SignificanceRow = z.infer<typeof significanceRow>;

/** One arm of one configuration, all seeds: what its deterministic runs and other executions show together. */
export const pooledRow = z.strictObject({
  configurationKey: z.string(),
  configurationLabel: z.string(),
  arm: z.string(),
  seeds: z.int(),
  /** Mean over these seeds of deterministic value minus mean of repeats. */
  shift: number,
  /** 95 % interval for these seeds, by inversion of the permutation test; null where relabelings are too few. */
  shiftInterval: interval,
  /** By permutation within seeds. */
  shiftP: number,
  /** Adjusted within the family of the study; null where relabelings are too few for a claim. */
  shiftAdjustedP: number,
  /** Interval of the mean shift over seeds that were not run; null at one seed. */
  newSeedsInterval: interval,
  dispersionP: number,
  dispersionAdjustedP: number,
  relabelings: z.strictObject({
    /** Distinct relabelings within seeds. */
    total: z.number(),
    /** Drawn ones; 0 where all were enumerated. */
    drawn: z.int(),
    standardError: number,
    smallestP: number,
  }),
  /** The same statistics by normal theory, as the papers' tests; null where they are not defined. */
  normalTheory: z
    .strictObject({
      t: number,
      df: number,
      p: number,
      f: number,
      fDf: z.tuple([number, number]),
      fP: number,
    })
    .nullable(),
  /** The interval (1 − 2α) that decides about equivalence within the margin of the plan; null without one. */
  equivalence: z
    .strictObject({
      margin: z.number(),
      interval,
      df: number,
      shown: z.boolean(),
      /** The same of each seed: its deterministic value against the mean of its repeats. */
      seeds: z.array(z.strictObject({ seed: z.int(), interval, shown: z.boolean() })),
    })
    .nullable()
    .optional(),
  reason: z.string().nullable(),
  verdict,
});
export type PooledRow = z.infer<typeof pooledRow>;

export const significanceAnalysis = z
  .strictObject({
    analysis: z.literal("significance"),
    ...envelope,
    /** Per configuration and arm, over its seeds: Table V of the CUDA-randomness paper and its repair. */
    summary: analysisTable,
    alpha: z.number(),
    /** Tests in the family of the study. */
    family: z.int(),
    rows: z.array(significanceRow),
    pooled: z.array(pooledRow),
  })
  .meta({ id: "SignificanceAnalysis" });
export type SignificanceAnalysis = z.infer<typeof significanceAnalysis>;
