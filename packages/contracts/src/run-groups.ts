import { z } from "zod";
import { id, runStatus } from "./entities.js";
import { mode } from "./execution.js";
import { wireNumber } from "./numbers.js";
import { parameterValue } from "./run-request.js";

const number = wireNumber.nullable();

/** Which value of a metric stands for a run: at the selected epoch, the latest, or an extreme of its history. */
export const runValues = ["selected", "last", "best", "min", "max"] as const;
export type RunValue = (typeof runValues)[number];

/** Properties of a run by which a table is sorted or grouped, beside `params.NAME` and `metrics.NAME`. */
export const runColumns = [
  "position",
  "createdAt",
  "durationMs",
  "configurationLabel",
  "seed",
  "arm",
  "mode",
  "repeat",
  "status",
  "dataset",
  "trainer",
  "digest",
  "workerName",
  "sweepId",
  "peakResidentMemoryBytes",
  "meanCpuPercent",
] as const;
export type RunColumn = (typeof runColumns)[number];

export type RunField = { kind: "metric" | "param" | "attribute"; name: string };

/** "metrics.testAuc", "params.optimizer" or the name of a property. */
export function runField(text: string): RunField {
  const [, prefix, name] = /^(metrics|params)\.(.+)$/s.exec(text) ?? [];
  if (prefix === undefined || name === undefined) return { kind: "attribute", name: text };
  return { kind: prefix === "metrics" ? "metric" : "param", name };
}

const groupField = z.union([z.enum(runColumns), z.templateLiteral(["params.", z.string().min(1)])]);

export const runGroupsQuery = z.strictObject({
  sweepId: id.optional(),
  status: runStatus.optional(),
  mode: mode.optional(),
  arm: z.string().optional(),
  purpose: z.enum(["study", "verification", "replay", "all"]).default("study"),
  filter: z.string().max(2000).optional(),
  /** Fields separated by commas (`params.optimizer,arm`); everything is one group without. */
  by: z
    .string()
    .max(1000)
    .default("")
    .transform((text) => text.split(",").filter((field) => field !== ""))
    .pipe(z.array(groupField).max(6)),
  /** Metric to summarise; only counts without. */
  metric: z.string().min(1).optional(),
  value: z.enum(runValues).default("selected"),
});
export type RunGroupsQuery = z.output<typeof runGroupsQuery>;

/** All runs of a group, never a sample of them. */
export const runGroup = z.strictObject({
  /** Field of `by` → the value that the group's runs share; null where they have none. */
  by: z.record(z.string(), parameterValue),
  runs: z.int(),
  /** Runs that have a value of the metric: what the figures are about. */
  n: z.int(),
  /** Configuration-and-seed pairs among these. */
  cells: z.int(),
  mean: number,
  /** Between runs, with n − 1 in the denominator; null below two. */
  sd: number,
  /**
   * 95 % t interval of the mean. Over the means of cells where a cell holds several runs, because repeats of one seed
   * are not independent of each other; else over runs. Null below two units.
   */
  interval: z.strictObject({ low: number, high: number, over: z.enum(["runs", "cells"]) }).nullable(),
  min: number,
  max: number,
});
export type RunGroup = z.infer<typeof runGroup>;

export const runGroups = z
  .strictObject({
    metric: z.string().nullable(),
    value: z.enum(runValues),
    /** Runs that the query finds, in all groups. */
    runs: z.int(),
    groups: z.array(runGroup),
    /** There were more groups than are listed. */
    truncated: z.boolean(),
  })
  .meta({ id: "RunGroups" });
export type RunGroups = z.infer<typeof runGroups>;
