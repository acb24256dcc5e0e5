import { z } from "zod";
import { wireNumber } from "../basics/numbers.js";
import { envelope, interval, number } from "./envelope.js";

/** "SD when only X varies", of one configuration and arm. */
export const varianceRow = z.strictObject({
  configurationKey: z.string(),
  configurationLabel: z.string(),
  arm: z.string(),
  source: z.enum(["seed", "repeat"]),
  /** In words: what differs between the runs behind this figure. */
  varies: z.string(),
  /** All else was observed to be held; otherwise this was only requested or told, or was observed otherwise. */
  isolated: z.boolean(),
  sd: number,
  /** How far two such runs typically lie apart: median over disjoint pairs, with an interval for any distribution. */
  typicalDifference: number,
  /** An SD has none: for skewed values the usual one covers 40 %. */
  typicalInterval: interval,
  /** Why the typical difference has no interval: too few pairs of runs, or what their order cannot show. Null where it has one. */
  intervalReason: z.string().nullable(),
  df: z.int(),
  runs: z.int(),
  seeds: z.int(),
  reason: z.string().nullable(),
});
export type VarianceRow = z.infer<typeof varianceRow>;

/** Configuration fixed, seed random within configuration, repeat residual; balanced designs only. */
export const varianceComponents = z.strictObject({
  arm: z.string(),
  /** Seeds and all that repeats share were observed to be as requested: the rest is execution. */
  isolated: z.boolean(),
  configurations: z.int(),
  /** Largest numbers of seeds per configuration and of repeats per seed; each cell has as many by `anova`. */
  seeds: z.int(),
  repeats: z.int(),
  runs: z.int(),
  /** Mean squares of a balanced design, or restricted maximum likelihood where cells differ in size. */
  method: z.enum(["anova", "reml"]),
  sdRepeat: number,
  sdSeed: number,
  /** Share of the seed in the variance of a single run; both vary together here, so shares add up. */
  seedShare: number,
  /** By the jackknife over seeds, holding 95 % also where values are not normal; null below four seeds. */
  seedShareInterval: interval,
  /** The moment estimate of the seed variance was negative and is shown as 0. */
  truncated: z.boolean(),
  configurationF: number,
  configurationDf: z.tuple([z.int(), z.int()]),
  configurationP: number,
  reason: z.string().nullable(),
});
export type VarianceComponents = z.infer<typeof varianceComponents>;

/** Do seeds rank the configurations alike? */
export const rankStability = z.strictObject({
  arm: z.string(),
  configurations: z.array(z.string()),
  seeds: z.array(z.int()),
  /** `means[seed][configuration]` */
  means: z.array(z.array(wireNumber)),
  w: number,
  friedman: number,
  df: z.int(),
  p: number,
  meanTau: number,
  minTau: number,
  reason: z.string().nullable(),
});
export type RankStability = z.infer<typeof rankStability>;

/** How many more seeds or repeats would settle a difference as large as the margin with 80 % power. */
export const runsNeeded = z.strictObject({
  unit: z.enum(["seeds", "repeats"]),
  arm: z.string(),
  configurationLabel: z.string(),
  margin: z.number(),
  present: z.int(),
  /** By the upper 80 % limit of the SD: enough with 80 % assurance. Null when no practical number is, or none is given. */
  more: z.int().nullable(),
  /** By the lower limit. */
  moreAtLeast: z.int().nullable(),
  sentence: z.string(),
});
export type RunsNeeded = z.infer<typeof runsNeeded>;
export const varianceAnalysis = z
  .strictObject({
    analysis: z.literal("variance"),
    ...envelope,
    rows: z.array(varianceRow),
    components: z.array(varianceComponents),
    ranking: rankStability.nullable(),
    needed: z.array(runsNeeded),
  })
  .meta({ id: "VarianceAnalysis" });
export type VarianceAnalysis = z.infer<typeof varianceAnalysis>;
