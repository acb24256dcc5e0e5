import { z } from "zod";
import { envelope, interval, number } from "./envelope.js";
import { group, verdict } from "./parts.js";

/** Table IV: minutes of one arm beside those of the deterministic arm, at one configuration and seed. */
export const runtimeRow = z.strictObject({
  group,
  arm: z.string(),
  deterministicRuns: z.int(),
  deterministicMinutes: number,
  runs: z.int(),
  meanMinutes: number,
  /** (other − deterministic) / deterministic × 100, as in the paper. */
  percent: number,
});
export type RuntimeRow = z.infer<typeof runtimeRow>;

/** The same, paired over seeds. */
export const runtimeTest = z.strictObject({
  /** Null for the means over all configurations that were run at every seed. */
  configurationKey: z.string().nullable(),
  configurationLabel: z.string(),
  arm: z.string(),
  seeds: z.int(),
  /** Mean over seeds of the percentages. */
  percent: number,
  differenceMinutes: number,
  differenceInterval: interval,
  t: number,
  df: number,
  p: number,
  adjustedP: number,
  wilcoxonW: number,
  wilcoxonP: number,
  reason: z.string().nullable(),
  verdict,
});
export type RuntimeTest = z.infer<typeof runtimeTest>;
export const runtimeAnalysis = z
  .strictObject({
    analysis: z.literal("runtime"),
    ...envelope,
    rows: z.array(runtimeRow),
    tests: z.array(runtimeTest),
  })
  .meta({ id: "RuntimeAnalysis" });
export type RuntimeAnalysis = z.infer<typeof runtimeAnalysis>;
