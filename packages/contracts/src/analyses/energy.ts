import { z } from "zod";
import { id } from "../entities.js";
import { wireNumber } from "../numbers.js";
import { envelope, interval, number } from "./analysis-parts.js";
import { group, verdict } from "./parts.js";

const extreme = z.strictObject({
  value: wireNumber,
  runId: id,
  configurationLabel: z.string(),
  seed: z.int(),
  arm: z.string(),
  repeat: z.int(),
});

/** Table I: best and worst run of everything, of an optimizer, or of a configuration. */
export const extremesRow = z.strictObject({
  grouping: z.enum(["all", "optimizer", "configuration"]),
  label: z.string(),
  n: z.int(),
  seeds: z.int(),
  best: extreme.nullable(),
  worst: extreme.nullable(),
  /** Largest minus smallest value. */
  range: number,
});
export type ExtremesRow = z.infer<typeof extremesRow>;
export const extremesAnalysis = z
  .strictObject({ analysis: z.literal("extremes"), ...envelope, rows: z.array(extremesRow) })
  .meta({ id: "ExtremesAnalysis" });
export type ExtremesAnalysis = z.infer<typeof extremesAnalysis>;

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

const consumption = z.strictObject({
  runs: z.int(),
  /** Runs whose energy was recorded; the sums are over these only. */
  recorded: z.int(),
  kWh: z.number(),
  gCO2e: z.number(),
});
export type Consumption = z.infer<typeof consumption>;

export const energyRow = z.strictObject({
  configurationKey: z.string(),
  configurationLabel: z.string(),
  arm: z.string(),
  ...consumption.shape,
  kWhPerRun: number,
});
export type EnergyRow = z.infer<typeof energyRow>;

export const energyLedgerKinds = [
  "experiment",
  "excluded",
  "failed",
  "cancelled",
  "unfinished",
  "verification",
  "replay",
] as const;
/** Table VI: what the reported runs used, and what everything used. */
export const energyAnalysis = z
  .strictObject({
    analysis: z.literal("energy"),
    ...envelope,
    rows: z.array(energyRow),
    ledger: z.array(z.strictObject({ kind: z.enum(energyLedgerKinds), ...consumption.shape })),
    experimentRuns: consumption,
    allRuns: consumption,
    /** How it was measured or estimated, with the factors; one entry per way. */
    methods: z.array(z.string()),
  })
  .meta({ id: "EnergyAnalysis" });
export type EnergyAnalysis = z.infer<typeof energyAnalysis>;
