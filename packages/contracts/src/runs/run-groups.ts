import { z } from "zod";
import { metricName } from "../basics/metric-key.js";
import { wireNumber } from "../basics/numbers.js";
import { knownBy, metricRange } from "../protocol/metric-info.js";
import { parameterValue } from "../protocol/run-request.js";
import { groupableAttributes, runFlag } from "./run-attributes.js";
import { runSelection } from "./run-filter.js";

const number = wireNumber.nullable();

/** Which value of a metric stands for a run: at the selected epoch, the latest, or an extreme of its history. */
export const runValues = ["selected", "last", "best", "min", "max"] as const;
export type RunValue = (typeof runValues)[number];

const groupField = z.union([
  z.enum(groupableAttributes),
  runFlag,
  z.templateLiteral(["params.", z.string().min(1)]),
]);

export const runGroupsQuery = runSelection.extend({
  /** Fields separated by commas (`params.optimizer,arm`); everything is one group without. */
  by: z
    .string()
    .max(1000)
    .default("")
    .transform((text) => text.split(",").filter((field) => field !== ""))
    .pipe(z.array(groupField).max(6)),
  /** Metric to summarise; only counts without. */
  metric: metricName.min(1).optional(),
  value: z.enum(runValues).default("selected"),
});
export type RunGroupsQuery = z.output<typeof runGroupsQuery>;

/** Sums over all runs of a group, as a database makes them; intervals are for those who know statistics. */
export type GroupSums = {
  by: Record<string, z.output<typeof parameterValue>>;
  runs: number;
  diverged: number;
  n: number;
  cells: number;
  mean: number | null;
  sd: number | null;
  min: number | null;
  max: number | null;
  /** Mean and SD of the means of cells. */
  cellMean: number | null;
  cellSd: number | null;
  cellMin: number | null;
  cellMax: number | null;
};

/** What one run has of a metric: the value that stands for it, and between which all of its values lie. */
export type RunValues = {
  sweepId: string | null;
  configurationLabel: string;
  seed: number;
  arm: string;
  repeat: number;
  value: number | null;
  min: number | null;
  max: number | null;
};

/** All runs of a group, never a sample of them. */
export const runGroup = z.strictObject({
  /** Field of `by` → the value that the group's runs share; null where they have none. */
  by: z.record(z.string(), parameterValue),
  runs: z.int(),
  /** Runs of them that diverged; those that have a value of the metric count in `n`. */
  diverged: z.int(),
  /** Runs that have a value of the metric: what the figures are about. */
  n: z.int(),
  /** Configuration-and-seed pairs among these. */
  cells: z.int(),
  mean: number,
  /** Between runs, with n − 1 in the denominator; null below two. */
  sd: number,
  /**
   * 95 % interval of the mean (Student's at 99.5 %, so that it covers 95 % also of skewed values), cut at the bounds of the metric. Over the means of cells where a cell holds several runs, because repeats of one seed
   * are not independent of each other; else over runs. Null with its reason beside it.
   */
  interval: z.strictObject({ low: number, high: number, over: z.enum(["runs", "cells"]) }).nullable(),
  intervalReason: z.string().nullable(),
  /** The values of the two units where there are no more: an interval over two says little. */
  points: z.array(wireNumber).nullable(),
  min: number,
  max: number,
});
export type RunGroup = z.infer<typeof runGroup>;

export const runGroups = z
  .strictObject({
    metric: z.string().nullable(),
    /** How the metric is shown, and how its unit is known; null without a metric. */
    shown: z
      .strictObject({ label: z.string(), unit: z.string(), known: knownBy, range: metricRange })
      .nullable(),
    /** Why the metric is not summarised: its values are on different scales, or in different units. */
    refusal: z.string().nullable(),
    /** What a reader must know of the metric: a guess, values outside its range. */
    notes: z.array(z.string()),
    value: z.enum(runValues),
    /** Runs that the query finds, in all groups. */
    runs: z.int(),
    groups: z.array(runGroup),
    /** There were more groups than are listed. */
    truncated: z.boolean(),
    /** Why nothing was found, where that can be told. */
    hints: z.array(z.string()).optional(),
  })
  .meta({ id: "RunGroups" });
export type RunGroups = z.infer<typeof runGroups>;
