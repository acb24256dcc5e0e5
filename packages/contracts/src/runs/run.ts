import { z } from "zod";
import { wireNumber } from "../basics/numbers.js";
import { instant } from "../basics/primitives.js";
import { runOrigin } from "../imports/imports.js";
import { execution, noise } from "../protocol/execution.js";
import { parameters } from "../protocol/run-request.js";
import { nonFiniteValues, trainingDivergence } from "../protocol/training-divergence.js";
import { claim } from "./claims.js";
import { captureGap, observedSetting } from "./observations.js";
import { runAttributeValues } from "./run-attributes.js";
import { runError } from "./run-states.js";

/**
 * Summary of one metric series, over all its points. `best` only where a direction is declared, on validation. Where there
 * is nothing but a final value, `count` is 0 and that value stands for first, last, min, max and best, at no step.
 */
export const metricSummary = z.strictObject({
  /** Steps that have a value. */
  count: z.int(),
  /** Value at the smallest step. */
  first: wireNumber,
  /** Value at the greatest step, whenever it was reported. */
  last: wireNumber,
  /** Told of the whole run, at no step (`POST /runs/{id}/tell` without one); null where nothing was. */
  final: wireNumber.nullable(),
  /** Reports that a later one of the same step replaced: they are no part of this summary. */
  superseded: z.int().min(0),
  min: wireNumber.nullable(),
  max: wireNumber.nullable(),
  minStep: z.int().nullable(),
  maxStep: z.int().nullable(),
  best: wireNumber.nullable(),
  bestStep: z.int().nullable(),
  /** Value at the selected epoch (`selection` of the spec), or else the final one; null until the run has ended. */
  selected: wireNumber.nullable(),
  /** Values that are NaN or infinite; null where all are finite numbers. */
  nonFinite: nonFiniteValues.nullable(),
});
export type MetricSummary = z.infer<typeof metricSummary>;

export const runSummary = z.record(z.string(), metricSummary);

export const progress = z.strictObject({ done: z.number(), total: z.number(), unit: z.string() });
export type Progress = z.infer<typeof progress>;

export const energy = z.strictObject({
  kWh: z.number(),
  gCO2e: z.number(),
  method: z.string(),
  factors: z.record(z.string(), z.union([z.number(), z.string()])),
});
export type Energy = z.infer<typeof energy>;

export const run = z
  .strictObject({
    ...runAttributeValues.shape,
    params: parameters,
    effectiveParams: parameters.nullable(),
    disclosures: z.array(z.string()),
    execution,
    noise,
    progress: progress.nullable(),
    /** Where its training diverged: a loss, or a norm of gradients or weights, is NaN or infinite; null where none is. */
    diverged: trainingDivergence.nullable(),
    summary: runSummary,
    /** In lists: how many metrics the run has, and whether `summary` holds fewer of them. */
    summaryCount: z.int().optional(),
    summaryTruncated: z.boolean().optional(),
    phases: z.record(z.string(), z.number()).nullable(),
    energy: energy.nullable(),
    error: runError.nullable(),
    /** Settings that Reprise's code saw inside the training process; archives of earlier versions have none. */
    observed: z.array(observedSetting).default([]),
    /** What of the process could not be seen. */
    gaps: z.array(captureGap).default([]),
    tags: z.array(z.string()),
    /** Of a run that another tracker recorded: where it comes from. */
    origin: runOrigin.nullable().optional(),
  })
  .meta({ id: "Run" });
export type Run = z.infer<typeof run>;

export const attempt = z.strictObject({
  number: z.int(),
  status: z.enum(["running", "succeeded", "failed", "cancelled", "pruned", "lost"]),
  workerName: z.string().nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
  error: runError.nullable(),
});
export type Attempt = z.infer<typeof attempt>;

export const runDetail = run
  .extend({
    attempts: z.array(attempt),
    /** How what is said of the run is known. */
    claims: z.array(claim),
  })
  .meta({ id: "RunDetail" });
export type RunDetail = z.infer<typeof runDetail>;
