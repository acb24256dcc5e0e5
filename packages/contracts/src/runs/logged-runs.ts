import { z } from "zod";
import { givenInstant } from "../basics/given-instant.js";
import { metricKey } from "../basics/metric-key.js";
import { wireNumber } from "../basics/numbers.js";
import { greatestStep, id, instant } from "../basics/primitives.js";
import { datasetInSpec } from "../protocol/dataset.js";
import { digestAlgorithm, sha256Algorithm } from "../protocol/digest-algorithm.js";
import {
  doneEvent,
  embedding,
  hexDigest,
  misfitOfCaseFacts,
  perAlgorithm,
  perAlgorithmRule,
  perPosition,
  perPositionRule,
  rungKind,
  tensorDigests,
} from "../protocol/events.js";
import { mode } from "../protocol/execution.js";
import { givenParameters } from "../protocol/given-parameters.js";
import { metricDeclarations } from "../protocol/metric-info.js";
import { leaseSeconds } from "./lease.js";
import { energy, progress, run } from "./run.js";
import { environmentValue, predictions } from "./run-records.js";
import { endedRunStatuses, lastLines } from "./run-states.js";

/** The header by which a report says of which attempt it is; needed once a run has had a second one. */
export const attemptHeader = "Reprise-Attempt";

/** A year: no attempt is longer. */
const longestMs = 366 * 24 * 60 * 60 * 1000;

/** What can change the result: versions, hardware, code. */
const givenEnvironment = z.record(z.string(), environmentValue).optional();

const studyName = z.string().trim().min(1).max(120);

/** A run that is trained elsewhere, announced before or after it was trained. */
export const loggedRun = z
  .strictObject({
    /** A study of trainer `external`; without it, the run begins a study of its own, to which others can be added. */
    sweepId: id.optional(),
    /** Name of the study to add the run to; it begins where there is none of that name. Several of it are refused. */
    study: studyName.optional(),
    /** Name, data set and metrics of the study that begins; only without `sweepId`. */
    name: studyName.optional(),
    dataset: datasetInSpec.optional(),
    metrics: metricDeclarations.optional(),
    params: givenParameters.default({}),
    /** Name of the configuration; default: what its parameters say. */
    label: z.string().min(1).max(64).optional(),
    seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
    /** An arm of the study, or the mode of one. Default: the study's only arm, else `free`. */
    arm: z.string().optional(),
    mode: mode.optional(),
    /** Default: the next of this configuration, seed and arm. */
    repeat: z.int().min(0).max(100_000).optional(),
    environment: givenEnvironment,
    /** Where training began before it was announced; not in the future. */
    startedAt: givenInstant.optional(),
    leaseSeconds: leaseSeconds.optional(),
    tags: z.array(z.string().min(1).max(64)).max(50).default([]),
    notes: z.string().max(20_000).default(""),
  })
  .superRefine((body, context) => {
    for (const key of ["name", "dataset", "metrics"] as const) {
      if (body.sweepId === undefined || body[key] === undefined) continue;
      context.addIssue({
        code: "custom",
        path: [key],
        message: "belongs to the study: leave it out with sweepId",
      });
    }
    if (body.study === undefined) return;
    for (const key of ["sweepId", "name"] as const) {
      if (body[key] === undefined) continue;
      context.addIssue({
        code: "custom",
        path: [key],
        message: "says the study twice: leave it out with study",
      });
    }
  })
  .meta({ id: "LoggedRun" });
export type LoggedRun = z.infer<typeof loggedRun>;

/** An epoch or step. */
// One wrong item ends the reading of a list of millions.
const first = { abort: true } as const;
const step = z.int().min(0, first).max(greatestStep, first);

const points = z
  .strictObject({
    steps: z.array(step).min(1),
    values: z.array(wireNumber),
    /** Seconds since the run started; default: now. */
    wallTimes: z.array(z.number().min(0, first)).optional(),
  })
  .refine(
    ({ steps, values, wallTimes }) =>
      steps.length === values.length && (wallTimes?.length ?? steps.length) === steps.length,
    { error: "steps, values and wallTimes must have the same length" },
  );

const digestStretch = z
  .strictObject({
    kind: rungKind,
    positions: z.array(step).min(1),
    digests: z.array(hexDigest),
    algorithm: digestAlgorithm.default(sha256Algorithm),
  })
  .refine(perPosition, perPositionRule)
  .refine(perAlgorithm, perAlgorithmRule);

/** A line of what the program printed, and when (default: now). */
const loggedLine = z.strictObject({
  text: z.string().max(10_000),
  at: givenInstant.optional(),
  stream: z.enum(["stdout", "stderr"]).default("stdout"),
});

/** What a run has to report: one step of several metrics, stretches of histories, digests, embeddings, lines of its log. */
export const loggedMetrics = z
  .strictObject({
    /** Epoch or step of `metrics`. */
    step: step.optional(),
    metrics: z.record(metricKey, wireNumber).default({}),
    /** As `GET /runs/{id}/metrics` answers them. */
    series: z.record(metricKey, points).default({}),
    digests: z.array(digestStretch).default([]),
    /** Of one kind, part and algorithm all stretches of a request have the same names. */
    tensorDigests: z.array(tensorDigests).default([]),
    embeddings: z.array(embedding).default([]),
    logs: z.array(loggedLine).max(10_000).default([]),
    progress: progress.nullable().default(null),
  })
  .superRefine((body, context) => {
    if (Object.keys(body.metrics).length > 0 && body.step === undefined) {
      context.addIssue({
        code: "custom",
        path: ["step"],
        message: "say which epoch or step these metrics are of",
      });
    }
    const namesOf = new Map<string, string>();
    for (const [at, { kind, part, names, algorithm }] of body.tensorDigests.entries()) {
      const said = JSON.stringify(names);
      const stretches = `${kind} ${part} ${algorithm}`;
      const before = namesOf.get(stretches) ?? said;
      namesOf.set(stretches, before);
      if (said === before) continue;
      context.addIssue({
        code: "custom",
        path: ["tensorDigests", at, "names"],
        message: `other names than an earlier stretch has of ${part} at ${kind}: send them in another request`,
      });
    }
  })
  .meta({ id: "LoggedMetrics" });
export type LoggedMetrics = z.infer<typeof loggedMetrics>;
export const loggedMetricsAnswer = z.strictObject({ runId: id, points: z.int() });

/** Scores of one split, a row per case and a column per class; a split sent again replaces the first. */
export const loggedPredictions = predictions
  .extend({
    split: predictions.shape.split.default("test"),
    epoch: step.default(0),
    classes: z.array(z.string()).min(2),
    labels: z.array(z.int().min(0, first)),
    positiveClass: z.int().min(0).nullable().default(null),
    threshold: z.number().nullable().default(null),
  })
  .superRefine((facts, context) => {
    const { ids, labels, scores, classes, positiveClass } = facts;
    const report = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    if (labels.length !== ids.length)
      report(["labels"], `has ${labels.length} entries, ids has ${ids.length}`);
    if (scores.length !== ids.length) report(["scores"], `has ${scores.length} rows, ids has ${ids.length}`);
    if (new Set(ids).size !== ids.length) report(["ids"], "names a case twice");
    const label = labels.findIndex((value) => value >= classes.length);
    if (label >= 0) report(["labels", label], `there are ${classes.length} classes, counted from 0`);
    const row = scores.findIndex((values) => values.length !== classes.length);
    if (row >= 0) report(["scores", row], `has ${scores[row]?.length} scores for ${classes.length} classes`);
    const misfit = misfitOfCaseFacts(facts);
    if (misfit) report(misfit.path, misfit.message);
    if (positiveClass !== null && positiveClass >= classes.length) {
      report(["positiveClass"], `there are ${classes.length} classes, counted from 0`);
    }
  })
  .meta({ id: "LoggedPredictions" });
export const loggedPredictionsAnswer = z.strictObject({ runId: id, split: z.string(), cases: z.int() });

/** How a logged run ended. */
export const loggedEnd = z
  .strictObject({
    status: z.enum(endedRunStatuses).default("succeeded"),
    /** Of a pruned run: the step after which it was given up (default: the last that was reported). */
    prunedAtStep: step.optional(),
    /** SHA-256 over all final weights, when the program can tell. */
    digest: doneEvent.shape.digest.default(null),
    selectedEpoch: step.nullable().default(null),
    /** Seconds by phase. */
    phases: z.record(z.string(), z.number().min(0)).default({}),
    /** Default: the time from its start to its end. */
    durationMs: z.number().min(0).max(longestMs).optional(),
    /** When training ended, where that was before this report; not before the start and not in the future. */
    endedAt: givenInstant.optional(),
    energy: energy.nullable().default(null),
    /** Why it failed. */
    error: z.string().min(1).max(10_000).optional(),
    /** What it wrote to stderr last: the traceback of its crash. */
    lastLines: lastLines.optional(),
  })
  .refine(({ status, error }) => error === undefined || status === "failed", {
    error: "only a failed run has an error",
    path: ["error"],
  })
  .refine(({ status, prunedAtStep }) => prunedAtStep === undefined || status === "pruned", {
    error: "only a pruned run was pruned at a step",
    path: ["prunedAtStep"],
  })
  .refine(({ error, lastLines }) => lastLines === undefined || error !== undefined, {
    error: "needs an error that the lines belong to",
    path: ["lastLines"],
  })
  .meta({ id: "LoggedEnd" });
export type LoggedEnd = z.infer<typeof loggedEnd>;

/**
 * A sampler outside asks a study to train: a configuration of its own (search `external`), or, where runs are trained
 * elsewhere, without one for the next planned run.
 */
export const askRequest = z
  .strictObject({
    params: givenParameters.optional(),
    label: z.string().min(1).max(64).optional(),
    /** Of the run that the caller is to train. */
    leaseSeconds: leaseSeconds.optional(),
    environment: givenEnvironment,
  })
  .meta({ id: "AskRequest" });
export type AskRequest = z.infer<typeof askRequest>;
export const askAnswer = z
  .strictObject({
    /** What was added to the study: the configuration under every seed, arm and repeat. */
    added: z.array(run),
    /** The run that the caller is to train now and to `tell`; null where workers train. */
    run: run.nullable(),
  })
  .meta({ id: "AskAnswer" });

/** The end of a run that was asked for: the value of the study's objective, further metrics, or a failure. */
export const tellRequest = z
  .strictObject({
    value: wireNumber.optional(),
    metrics: z.record(metricKey, wireNumber).default({}),
    /** Epoch or step of the values; without one they are final values of the run, and no points of its histories. */
    step: step.optional(),
    /** `pruned`: the sampler gave the run up after `step`; the value it had then is no result. */
    status: z.enum(endedRunStatuses).default("succeeded"),
    error: z.string().min(1).max(10_000).optional(),
    endedAt: givenInstant.optional(),
  })
  .meta({ id: "TellRequest" });
export type TellRequest = z.infer<typeof tellRequest>;

/** What begins the next attempt of a run that is trained elsewhere. */
export const beginAttemptRequest = z
  .strictObject({ leaseSeconds: leaseSeconds.optional(), environment: givenEnvironment })
  .default({})
  .meta({ id: "BeginAttempt" });

/** The attempt that lives, and until when it may be silent. */
export const heartbeatAnswer = z
  .strictObject({ runId: id, attempt: z.int(), leaseSeconds: z.number(), leaseExpiresAt: instant })
  .meta({ id: "Heartbeat" });
