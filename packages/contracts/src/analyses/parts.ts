import { z } from "zod";
import { id } from "../entities.js";
import { wireNumber } from "../numbers.js";
import { parameters } from "../run-request.js";
import { zeroShotSummary } from "./zero-shot.js";

const number = wireNumber.nullable();
const interval = z.strictObject({ low: number, high: number });

export const analysisNames = [
  "determinism",
  "significance",
  "configurations",
  "classification",
  "roc",
  "curves",
  "extremes",
  "runtime",
  "energy",
  "similarity",
  "agreement",
  "variance",
  "importance",
] as const;
export type AnalysisName = (typeof analysisNames)[number];
export const exportFormats = ["json", "csv", "latex", "markdown"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** One sentence that states a result without overclaiming, and how it is known. */
export const verdict = z.strictObject({
  kind: z.enum([
    "bit-identical",
    "not-identical",
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
  ]),
  /** Drawn as a glyph: what a reader takes away at a glance. */
  tone: z.enum(["good", "attention", "neutral"]),
  sentence: z.string(),
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
});
export type AnalysisTable = z.infer<typeof analysisTable>;

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

/** All runs of one arm at one configuration and seed, with their metric at the selected epoch. */
export const armValues = z.strictObject({
  arm: z.string(),
  n: z.int(),
  values: z.array(wireNumber),
  runIds: z.array(id),
  mean: number,
  /** With n − 1 in the denominator; null below two runs. */
  sd: number,
  min: number,
  max: number,
  distinctValues: z.int(),
  distinctDigests: z.int(),
  /** Quartiles (type 7), and whiskers at the furthest values within 1.5 interquartile ranges; null below five values. */
  box: z
    .strictObject({
      low: z.number(),
      q1: z.number(),
      median: z.number(),
      q3: z.number(),
      high: z.number(),
    })
    .nullable(),
  /** Gaussian kernel density with Silverman's bandwidth, for a violin; null below fifty values or without a spread. */
  density: z
    .strictObject({ bandwidth: z.number(), at: z.array(z.number()), density: z.array(z.number()) })
    .nullable(),
});
export type ArmValues = z.infer<typeof armValues>;

/** Tables II and III: per configuration and seed, the deterministic value beside the free repeats. */
export const determinismRow = z.strictObject({
  group,
  deterministic: armValues.nullable(),
  /** Whether all deterministic repeats ended with one digest; null with fewer than two. */
  identical: z.boolean().nullable(),
  others: z.array(
    armValues.extend({
      /** 95 % t interval of the mean. */
      meanInterval: interval,
      /** (det − mean) / mean × 100, Table II. */
      deltaPercent: number,
      /** max − min of the repeats: D of Table II as printed. */
      range: number,
      /** max |det − run|: D as the text of the paper describes it. */
      maxAbsDifference: number,
      /** 95 % prediction interval of a new repeat. */
      predictionInterval: interval,
    }),
  ),
});
export type DeterminismRow = z.infer<typeof determinismRow>;

/** Table V and its repair: both tests for one arm at one configuration and seed. */
export const significanceRow = z.strictObject({
  group,
  arm: z.string(),
  n: z.int(),
  deterministicValue: number,
  mean: number,
  sd: number,
  newObservation: z.strictObject({
    statistic: number,
    df: number,
    p: number,
    adjustedP: number,
    rejected: z.boolean().nullable(),
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

/** One arm of one configuration, all seeds: the pooled tests. */
export const pooledRow = z.strictObject({
  configurationKey: z.string(),
  configurationLabel: z.string(),
  arm: z.string(),
  seeds: z.int(),
  shift: number,
  shiftInterval: interval,
  shiftP: number,
  /** Corrected over configurations and arms. */
  shiftAdjustedP: number.optional(),
  dispersionF: number,
  dispersionDf: z.tuple([number, number]),
  dispersionP: number,
  dispersionAdjustedP: number.optional(),
  /** The interval (1 − 2α) that decides about equivalence within the margin of the plan; null without one. */
  equivalence: z.strictObject({ margin: z.number(), interval, shown: z.boolean() }).nullable().optional(),
  reason: z.string().nullable(),
  verdict,
});
export type PooledRow = z.infer<typeof pooledRow>;

const proportion = z.strictObject({ estimate: number, low: number, high: number, k: z.int(), n: z.int() });

/** What a run takes each class for, where no class is the positive one; lists are in the order of `classes`. */
const classConfusion = z.strictObject({
  /** The run that the counts are of: the first with predictions. */
  runId: id,
  classes: z.array(z.string()),
  /** Test cases: [class of the case][class that it was given]. */
  counts: z.array(z.array(z.int())),
  /** Cases of each class that were given none, because scores were not numbers. */
  undecided: z.array(z.int()),
  /** Share of each class that was found, with its Wilson interval. */
  recall: z.array(proportion),
  /** The same share over all runs of the row. */
  recallRange: z.array(z.strictObject({ min: number, max: number })),
  /** The most frequent mistake, in words; null when there is none. */
  mistake: z.string().nullable(),
});

/** Sensitivity and specificity on the test split, per configuration, seed and arm. */
export const classificationRow = z.strictObject({
  group,
  arm: z.string(),
  /** Zero-shot question that the figures answer; null for the classes of the data set. */
  question: z.string().nullable(),
  n: z.int(),
  positiveClass: z.string().nullable(),
  accuracy: z.strictObject({ mean: number, sd: number, min: number, max: number }),
  sensitivity: z.strictObject({ mean: number, sd: number, min: number, max: number }),
  specificity: z.strictObject({ mean: number, sd: number, min: number, max: number }),
  auc: z.strictObject({ mean: number, sd: number, min: number, max: number }),
  f1: z.strictObject({ mean: number, sd: number, min: number, max: number }),
  /** Wilson intervals of the first run: what the size of the test set alone leaves open. */
  samplingIntervals: z
    .strictObject({
      accuracy: proportion,
      sensitivity: proportion.nullable(),
      specificity: proportion.nullable(),
    })
    .nullable(),
  /** Share of test cases on which two runs disagree, mean over pairs; and cases that ever flip. */
  churn: number,
  flippedCases: z.int().nullable(),
  testCases: z.int().nullable(),
  runs: z.array(
    z.strictObject({
      runId: id,
      repeat: z.int(),
      accuracy: number,
      sensitivity: number,
      specificity: number,
      auc: number,
      confusion: z.strictObject({ tp: z.int(), fp: z.int(), fn: z.int(), tn: z.int() }).nullable(),
    }),
  ),
  /** Null for two classes of which one is positive, and without predictions. */
  classConfusion: classConfusion.nullable(),
});
export type ClassificationRow = z.infer<typeof classificationRow>;

/** Epochs and optimisation steps that a run left digests of; null where it left none, or not of all. */
export type LadderCounts = { epochs: number | null; steps: number | null };

/** Mean ± 95 % t interval per epoch over all runs of a configuration and arm, and each run faint. */
export const curveGroup = z.strictObject({
  configurationKey: z.string(),
  configurationLabel: z.string(),
  arm: z.string(),
  steps: z.array(z.int()),
  /** What `steps` count: epochs, unless they run beyond the last one on the digest ladder. */
  countedIn: z.enum(["epochs", "steps"]),
  /** Optimisation steps of an epoch by the digest ladder; null where that does not tell, or no run has ended. */
  stepsPerEpoch: z.int().min(1).nullable(),
  /** Mean time since the start of the attempt at which a step was reached, in seconds, over the same runs. */
  seconds: z.array(number),
  n: z.array(z.int()),
  mean: z.array(number),
  low: z.array(number),
  high: z.array(number),
  runs: z.array(
    z.strictObject({
      runId: id,
      seed: z.int(),
      repeat: z.int(),
      steps: z.array(z.int()),
      values: z.array(wireNumber),
      /** Seconds since the attempt started. */
      wallTimes: z.array(z.number()),
    }),
  ),
});
export type CurveGroup = z.infer<typeof curveGroup>;

const envelope = { provenance, verdicts: z.array(verdict), notes: z.array(z.string()), table: analysisTable };

export const determinismAnalysis = z
  .strictObject({
    analysis: z.literal("determinism"),
    ...envelope,
    /** The study in one sentence: do bits repeat, and how far do other executions move the metric? */
    headline: verdict,
    rows: z.array(determinismRow),
  })
  .meta({ id: "DeterminismAnalysis" });
export const significanceAnalysis = z
  .strictObject({
    analysis: z.literal("significance"),
    ...envelope,
    /** Per configuration and arm, over its seeds: Table V of the CUDA-randomness paper and its repair. */
    summary: analysisTable,
    alpha: z.number(),
    rows: z.array(significanceRow),
    pooled: z.array(pooledRow),
  })
  .meta({ id: "SignificanceAnalysis" });
export const classificationAnalysis = z
  .strictObject({
    analysis: z.literal("classification"),
    ...envelope,
    rows: z.array(classificationRow),
    /** Over seeds and executions, by evaluation set; null unless runs answered zero-shot questions. */
    zeroShot: zeroShotSummary.nullable(),
    /** `classConfusion` of all rows, a line per class; null where no row has it. */
    confusions: analysisTable.nullable(),
  })
  .meta({ id: "ClassificationAnalysis" });
export const curvesAnalysis = z
  .strictObject({ analysis: z.literal("curves"), ...envelope, groups: z.array(curveGroup) })
  .meta({ id: "CurvesAnalysis" });

export type DeterminismAnalysis = z.infer<typeof determinismAnalysis>;
export type SignificanceAnalysis = z.infer<typeof significanceAnalysis>;
export type ClassificationAnalysis = z.infer<typeof classificationAnalysis>;
export type CurvesAnalysis = z.infer<typeof curvesAnalysis>;

export const analysisQuery = z.strictObject({
  metric: z.string().optional(),
  format: z.enum(exportFormats).default("json"),
  /**
   * Of files: `summary` is the table over seeds, where an analysis has one; reading formats have both by default.
   * `confusions` is which classes are taken for which, in `classification` of more than two classes.
   */
  table: z.enum(["all", "detail", "summary", "confusions"]).default("all"),
  /** `agreement` only: McNemar's test of every pair of runs. */
  mcnemar: z.enum(["true", "false"]).default("false"),
});
