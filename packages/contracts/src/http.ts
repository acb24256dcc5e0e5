import { z } from "zod";
import { id } from "./basics/primitives.js";
import { fieldError } from "./basics/problem.js";
import {
  announcedTrainer,
  attempt,
  ladderRung,
  logLine,
  metricSeries,
  run,
  sweepStatus,
} from "./entities.js";
import { mode } from "./protocol/execution.js";
import { parameters } from "./protocol/run-request.js";
import { sortableAttributes } from "./runs/run-attributes.js";
import { runSelection } from "./runs/run-filter.js";

/** A page of a listing; `nextCursor` is null on the last one. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}
export type Page<T> = { items: T[]; nextCursor: string | null };

const limit = z.coerce.number().int().min(1).max(1000).default(100);
const cursor = z.string().min(1).optional();

export const sweepListQuery = z.strictObject({
  status: sweepStatus.optional(),
  /** Part of a name, in upper or lower case. */
  name: z.string().optional(),
  tag: z.string().optional(),
  limit,
  cursor,
});

/** Ascending by an attribute of the run, descending with a minus; also `metrics.NAME` and `params.NAME`. */
export const runOrders = sortableAttributes.flatMap((name) => [name, `-${name}` as const]);
const runOrder = z.union([
  z.enum(runOrders),
  z.templateLiteral([z.enum(["metrics.", "-metrics.", "params.", "-params."]), z.string().min(1)]),
]);

export const runListQuery = runSelection.extend({
  orderBy: runOrder.default("position"),
  limit,
  cursor,
});
export type RunListQuery = z.infer<typeof runListQuery>;

export const metricsQuery = z.strictObject({
  keys: z.string().optional(),
  maxPoints: z.coerce.number().int().min(3).max(1_000_000).optional(),
});
export const runMetrics = z.strictObject({
  runId: id,
  attempt: z.int(),
  series: z.record(z.string(), metricSeries),
});
export type RunMetrics = z.infer<typeof runMetrics>;

/** What fits PostgreSQL's `integer`. */
const largestCount = 2 ** 31 - 1;

export const logsQuery = z.strictObject({
  attempt: z.coerce.number().int().min(1).max(largestCount).optional(),
  /** Only lines after this position. */
  after: z.coerce.number().int().min(-1).max(largestCount).default(-1),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
});
export const runLogs = z.strictObject({ items: z.array(logLine), nextCursor: z.string().nullable() });
export const runLadder = z.strictObject({ runId: id, attempt: z.int(), rungs: z.array(ladderRung) });
export type RunLadder = z.infer<typeof runLadder>;
export const runDetail = run.extend({ attempts: z.array(attempt) }).meta({ id: "RunDetail" });
export type RunDetail = z.infer<typeof runDetail>;

export const sweepPatch = z.strictObject({
  name: z.string().trim().min(1).max(120).optional(),
  tags: z.array(z.string().min(1).max(64)).max(50).optional(),
  notes: z.string().max(20_000).optional(),
  priority: z.int().min(-1000).max(1000).optional(),
});
export type SweepPatch = z.infer<typeof sweepPatch>;
export const runPatch = z.strictObject({
  tags: z.array(z.string().min(1).max(64)).max(50).optional(),
  notes: z.string().max(20_000).optional(),
  /** A reason excludes the run from analyses, null takes it back; it stays visible either way. */
  excludedReason: z.string().trim().min(3).max(2000).nullable().optional(),
});
export type RunPatch = z.infer<typeof runPatch>;

/**
 * Whose former runs an estimate rests on: those of these very configurations, or, where there are none, those of the same
 * trainer, data set and model, in proportion to their epochs.
 */
export const likenesses = ["configuration", "model"] as const;

/** The smallest difference that a planned test would usually find. */
export const detectable = z.strictObject({
  contrast: z.literal("mode"),
  metric: z.string(),
  arm: z.string(),
  repeats: z.int(),
  /** Seeds that are pooled; 1 for the test at one configuration and seed. */
  seeds: z.int(),
  power: z.number(),
  alpha: z.number(),
  /** In standard deviations between repeats. */
  shiftInSd: z.number(),
  /** SD between free repeats of one seed, pooled over former runs, in the metric's unit; null when there are none. */
  sd: z.number().nullable(),
  sdRuns: z.int(),
  sdLikeness: z.enum(likenesses).nullable(),
  /** shiftInSd × sd; null without an sd. */
  shift: z.number().nullable(),
});
export type Detectable = z.infer<typeof detectable>;

/** What a planned sweep will cost and could show, from former runs; null where no former run is like it. */
export const planEstimates = z.strictObject({
  formerRuns: z.int(),
  likeness: z.enum(likenesses).nullable(),
  kWh: z.number().nullable(),
  gCO2e: z.number().nullable(),
  /** Runs that train at the same time on the workers of now; 0 without a worker for them. */
  slots: z.int(),
  workers: z.array(z.string()),
  /** Runs queued or running before these. */
  runsAhead: z.int(),
  detectable: z.array(detectable),
});
export type PlanEstimates = z.infer<typeof planEstimates>;

/** The first runs of a planned sweep, what it will cost, and what stands in its way. */
export const sweepPreview = z
  .strictObject({
    runCount: z.int(),
    configurations: z.array(z.strictObject({ key: z.string(), label: z.string(), params: parameters })),
    arms: z.array(z.strictObject({ name: z.string(), repeats: z.int(), mode })),
    seeds: z.array(z.int()),
    firstRuns: z.array(
      z.strictObject({
        key: z.string(),
        configurationLabel: z.string(),
        seed: z.int(),
        arm: z.string(),
        repeat: z.int(),
      }),
    ),
    /** Wall time on the workers of now, from former runs; null when none is like it or no worker is there. */
    estimatedMs: z.number().nullable(),
    /** Null for a spec that is too large to plan. */
    estimates: planEstimates.nullable(),
    warnings: z.array(z.string()),
    errors: z.array(fieldError),
  })
  .meta({ id: "SweepPreview" });
export type SweepPreview = z.infer<typeof sweepPreview>;

export const trainerList = z.strictObject({ items: z.array(announcedTrainer) });

export const health = z.strictObject({
  status: z.enum(["ok", "unavailable"]),
  checks: z.record(z.string(), z.string()),
});
