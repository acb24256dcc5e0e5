import { z } from "zod";
import { envelope, number } from "./envelope.js";

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
  "departed",
  "excluded",
  "failed",
  "cancelled",
  "pruned",
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
