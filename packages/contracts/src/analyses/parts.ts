import { z } from "zod";
import { wireNumber } from "../basics/numbers.js";
import { id } from "../basics/primitives.js";
import { knownBy, metricSplits } from "../protocol/metric-info.js";
import { parameters } from "../protocol/run-request.js";

/** What states a result without overclaiming, and how it is known. */
export const verdict = z.strictObject({
  kind: z.enum([
    "bit-identical",
    "equal-digests",
    "equal-as-logged",
    "not-identical",
    "contradiction",
    "departed",
    "prediction-inside",
    "prediction-outside",
    "one-sample",
    "pooled-shift",
    "pooled-no-shift",
    "equivalent",
    "inconclusive",
    "more-variable",
    "degenerate",
    "single-run",
    "spread",
    "pending",
    "unit",
    "diverged",
  ]),
  /** Drawn as a glyph: what a reader takes away at a glance. */
  tone: z.enum(["good", "attention", "neutral", "contradiction"]),
  sentence: z.string(),
  /** The sentences after the first one, with which `sentence` ends; absent where there are none. Where there is room, the first is a headline. */
  rest: z.string().optional(),
  /** The configuration that the sentence is about, and what it says where that name already stands above it. */
  about: z.strictObject({ configuration: z.string(), statement: z.string() }).optional(),
  /** Design, n, test, correction, assumptions, minimum detectable difference: one plain line each. */
  basis: z.array(z.string()),
});
export type Verdict = z.infer<typeof verdict>;

/** A flat table, as exported: what stands in CSV, LaTeX and Markdown. */
export const analysisTable = z.strictObject({
  title: z.string(),
  columns: z.array(
    z.strictObject({
      key: z.string(),
      label: z.string(),
      unit: z.string().nullable(),
      description: z.string(),
    }),
  ),
  rows: z.array(z.record(z.string(), z.union([wireNumber, z.string(), z.boolean(), z.null()]))),
  /** For each row, why its empty cells are empty, by column. */
  absent: z.array(z.record(z.string(), z.string())),
});
export type AnalysisTable = z.infer<typeof analysisTable>;

/** A table as it is printed: cells rounded, null for a dash; `notes` say what stands in no column. */
export const printedTable = z.strictObject({
  columns: z.array(
    z.strictObject({
      key: z.string(),
      /** The columns of the table that stand in this one: the SD with its mean, the upper end with the lower. */
      with: z.array(z.string()),
      label: z.string(),
      description: z.string(),
      text: z.boolean(),
    }),
  ),
  rows: z.array(z.array(z.string().nullable())),
  notes: z.array(z.string()),
  /** Keys of the columns of the table that are told of: those shown, joined with another, or empty in every row. */
  covers: z.array(z.string()),
});
export type PrintedTable = z.infer<typeof printedTable>;

/** What stands above every table: enough to reproduce and to cite it. */
export const provenance = z.strictObject({
  sweepId: id,
  sweepName: z.string(),
  specDigest: z.string(),
  analysisPlanDigest: z.string().nullable(),
  /** False when the metric or contrast was chosen after the first result (no plan, or not in it). */
  planned: z.boolean(),
  metric: z.string(),
  metricLabel: z.string(),
  metricUnit: z.string(),
  /** How unit and direction of the metric are known; null of analyses whose figures are none of a metric. */
  metricKnown: z.strictObject({ unit: knownBy, direction: knownBy }).nullable().default(null),
  /** The part whose cases chose the epoch of every value: no figure of such a metric is an estimate for new cases. */
  metricChosenOn: z.enum(metricSplits).nullable().default(null),
  runsUsed: z.int(),
  runsExcluded: z.array(z.strictObject({ runId: id, reason: z.string() })),
  runsPending: z.int(),
  method: z.string(),
  correction: z.string(),
  software: z.string(),
});
export type Provenance = z.infer<typeof provenance>;

export const group = z.strictObject({
  configurationKey: z.string(),
  configurationLabel: z.string(),
  params: parameters,
  seed: z.int(),
});
export type Group = z.infer<typeof group>;
