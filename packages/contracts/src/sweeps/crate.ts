import { z } from "zod";
import { id } from "../basics/primitives.js";
import { trainerCapabilities } from "../protocol/capabilities.js";
import { direction } from "../protocol/decision.js";
import { sha256Algorithm } from "../protocol/digest-algorithm.js";
import { embedding, rungKind, rungPart } from "../protocol/events.js";
import { deviceClass } from "../protocol/execution.js";
import { storedRequest } from "../protocol/run-request.js";
import { observation } from "../runs/observations.js";
import { attempt, energy, metricSummary, run } from "../runs/run.js";
import { environment, ladderRung, metricSeries, predictions } from "../runs/run-records.js";
import { endedRunStatuses } from "../runs/run-states.js";
import { verification } from "../runs/verifications.js";
import { sweep, sweepStatuses } from "./sweep.js";

/**
 * A whole study as an archive: a zip that is an RO-Crate 1.1. Its files and what is in them; numbers are exact, so that
 * a study read back gives the same digests and the same analyses. Logs, checkpoints and weights stay on the server, and so
 * do the samples of processor and memory: they tell of the machine, not of the result. Peak and mean go with the run.
 */
export const crateLayout = 1;

/** Names of files in a crate; `runFile` names one per run. */
export const crateFiles = {
  metadata: "ro-crate-metadata.json",
  spec: "spec.json",
  study: "study.json",
  environments: "environments.json",
} as const;
export const runFile = (runId: string) => `runs/${runId}.json`;

const endedStatus = z.enum(endedRunStatuses);
const endedSweepStatus = z.enum(sweepStatuses).exclude(["queued", "running", "paused"]);

/** `study.json`: the sweep without its spec, which is `spec.json` as it was written. */
export const crateStudy = z.strictObject({
  layout: z.literal(crateLayout),
  /** Name and version of what wrote the archive. */
  software: z.string(),
  sweep: sweep.omit({ spec: true }).extend({ status: endedSweepStatus }),
  /** What the trainer of the study had announced: names and units of metrics, data set. */
  capabilities: trainerCapabilities.nullable(),
  /** Runs of every purpose, in their order. */
  runIds: z.array(id),
  verifications: z.array(verification.extend({ status: z.enum(["ended", "failed"]) })),
});
export type CrateStudy = z.infer<typeof crateStudy>;

export const crateEnvironments = z.array(environment);

const base64 = z.base64();

/** Older archives summed up in the order of reporting, and knew neither final values nor where values are not finite. */
const crateSummary = metricSummary.extend({
  final: metricSummary.shape.final.default(null),
  superseded: metricSummary.shape.superseded.default(0),
  nonFinite: metricSummary.shape.nonFinite.default(null),
});

/** `runs/{id}.json`: everything that was recorded of a run, logs, checkpoints and weights excepted. */
export const crateRun = z.strictObject({
  run: run.extend({
    status: endedStatus,
    summary: z.record(z.string(), crateSummary),
    diverged: run.shape.diverged.default(null),
  }),
  deviceClass,
  request: storedRequest,
  attempts: z.array(attempt.extend({ energy: energy.nullable() })),
  /** Direction of the metrics that have a best value. */
  directions: z.record(z.string(), direction),
  series: z.record(z.string(), metricSeries),
  /** Reports that a later one of the same step replaced. */
  superseded: z.record(z.string(), metricSeries).default({}),
  /** Looks at settings of the process, in the order of reporting; earlier versions knew none. */
  observations: z.array(observation).default([]),
  ladder: z.array(ladderRung),
  /** Digests of single tensors at rungs, as recorded: [positions × names], each as long as the others. */
  tensorDigests: z.array(
    z.strictObject({
      kind: rungKind,
      part: rungPart,
      names: z.array(z.string()).min(1),
      positions: z.array(z.int()).min(1),
      digests: base64,
      algorithm: z.string().default(sha256Algorithm),
    }),
  ),
  predictions: z.array(predictions),
  embeddings: z.array(embedding),
  /** One byte per shard and step, as recorded. */
  reductionOrders: z.array(z.strictObject({ firstStep: z.int(), shards: z.int().min(1), orders: base64 })),
});
export type CrateRun = z.infer<typeof crateRun>;
