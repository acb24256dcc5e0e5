import { z } from "zod";
import { metricNames } from "../basics/metric-key.js";
import { wireNumber } from "../basics/numbers.js";
import { greatestStep, id, instant } from "../basics/primitives.js";
import { sha256Algorithm } from "../protocol/digest-algorithm.js";
import { caseFacts, evaluatedSplit, rungKind } from "../protocol/events.js";

/** Ordered by step. */
export const metricSeries = z
  .strictObject({
    /** In a series every step once; among superseded reports as often as it was reported and replaced. */
    steps: z.array(z.int().max(greatestStep)),
    values: z.array(wireNumber),
    /** Seconds since the attempt started. */
    wallTimes: z.array(z.number()),
  })
  .refine(
    ({ steps, values, wallTimes }) => steps.length === values.length && steps.length === wallTimes.length,
    {
      error: "steps, values and wallTimes must have the same length",
    },
  );
export type MetricSeries = z.infer<typeof metricSeries>;

export const logLine = z.strictObject({
  attempt: z.int(),
  /** Position within the attempt, from 0. */
  line: z.int(),
  stream: z.enum(["stdout", "stderr", "trainer", "worker"]),
  at: instant,
  text: z.string(),
});
export type LogLine = z.infer<typeof logLine>;

export const ladderRung = z.strictObject({
  kind: rungKind,
  position: z.int(),
  digest: z.string(),
  /** Digests of two algorithms say nothing of each other. */
  algorithm: z.string().default(sha256Algorithm),
});
export type LadderRung = z.infer<typeof ladderRung>;

export const environmentValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type EnvironmentValue = z.infer<typeof environmentValue>;

/** An environment value in words: a variable that was looked for and is not there is known not to be set, all else is not known. */
export function environmentValueWords(key: string, value: EnvironmentValue): string {
  if (value !== null) return String(value);
  return key.startsWith("variable.") ? "not set" : "unknown";
}

/** Everything about hardware, libraries, code and data that can change a result; the id is its digest. */
export const environment = z.strictObject({
  id: z.string(),
  values: z.record(z.string(), environmentValue),
  createdAt: instant,
});
export type Environment = z.infer<typeof environment>;

export const predictions = z.strictObject({
  split: evaluatedSplit,
  /** Name of a zero-shot question; absent where the scores are for the classes of the data set. */
  question: z.string().optional(),
  epoch: z.int(),
  classes: z.array(z.string()),
  positiveClass: z.int().nullable(),
  threshold: z.number().nullable(),
  ids: z.array(z.string()),
  labels: z.array(z.int()),
  scores: z.array(z.array(wireNumber)),
  ...caseFacts,
});
export type Predictions = z.infer<typeof predictions>;

export const metricsQuery = z.strictObject({
  keys: metricNames.optional(),
  maxPoints: z.coerce.number().int().min(3).max(1_000_000).optional(),
  /** Whether to answer, too, what was reported and then replaced by a later report of the same step. */
  superseded: z.enum(["true", "false"]).default("false"),
});

export const runMetrics = z.strictObject({
  runId: id,
  attempt: z.int(),
  series: z.record(z.string(), metricSeries),
  /** Reports that count no longer, by key, whole; only where they were asked for. */
  superseded: z.record(z.string(), metricSeries).optional(),
});
export type RunMetrics = z.infer<typeof runMetrics>;

/** What fits PostgreSQL's `integer`. */
const maxCount = 2 ** 31 - 1;

export const logsQuery = z.strictObject({
  attempt: z.coerce.number().int().min(1).max(maxCount).optional(),
  /** Only lines after this position. */
  after: z.coerce.number().int().min(-1).max(maxCount).default(-1),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
});

export const runLogs = z.strictObject({
  items: z.array(logLine),
  nextCursor: z.string().nullable(),
  /** When lines were removed for their age; null where none were. */
  removedAt: z.iso.datetime().nullable(),
});

export const runLadder = z.strictObject({ runId: id, attempt: z.int(), rungs: z.array(ladderRung) });
export type RunLadder = z.infer<typeof runLadder>;

export const predictionsList = z.strictObject({ items: z.array(predictions) });
