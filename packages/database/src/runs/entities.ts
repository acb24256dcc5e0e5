import {
  type Attempt,
  encodeNumber,
  energy,
  execution,
  type MetricSummary,
  noise,
  parameters,
  progress,
  type Run,
  runError,
} from "@reprise/contracts";
import { z } from "zod";
import type { Prisma } from "../generated/client.js";

/** What a run needs beside its own columns to be shown. */
export const withSummaries = { metricSummaries: true } as const satisfies Prisma.RunInclude;
export type RunRow = Prisma.RunGetPayload<{ include: typeof withSummaries }>;

const phases = z.record(z.string(), z.number());
const isoOrNull = (date: Date | null) => date?.toISOString() ?? null;
const wireOrNull = (value: number | null) => (value === null ? null : encodeNumber(value));

function toSummary(row: RunRow["metricSummaries"][number]): MetricSummary {
  return {
    count: row.count,
    first: encodeNumber(row.first),
    last: encodeNumber(row.last),
    min: wireOrNull(row.min),
    max: wireOrNull(row.max),
    minStep: row.minStep,
    maxStep: row.maxStep,
    best: wireOrNull(row.best),
    bestStep: row.bestStep,
    selected: wireOrNull(row.selected),
  };
}

/** A row as the contract has it. */
export function toRun(row: RunRow): Run {
  return {
    id: row.id,
    sweepId: row.sweepId,
    key: row.key,
    position: row.position,
    purpose: row.purpose,
    sourceRunId: row.sourceRunId,
    configurationKey: row.configurationKey,
    configurationLabel: row.configurationLabel,
    params: parameters.parse(row.params),
    effectiveParams: parameters.nullable().parse(row.effectiveParams),
    disclosures: row.disclosures,
    seed: Number(row.seed),
    mode: row.mode,
    arm: row.arm,
    execution: execution.parse(row.execution),
    noise: noise.parse(row.noise),
    repeat: row.repeat,
    trainer: row.trainer,
    dataset: row.dataset,
    status: row.status,
    attempt: row.attempt,
    progress: progress.nullable().parse(row.progress),
    summary: Object.fromEntries(
      row.metricSummaries
        .toSorted((a, b) => (a.key < b.key ? -1 : 1))
        .map((summary) => [summary.key, toSummary(summary)]),
    ),
    selectedEpoch: row.selectedEpoch,
    digest: row.digest,
    environmentId: row.environmentId,
    backendRequested: row.backendRequested,
    backendUsed: row.backendUsed,
    workerName: row.workerName,
    createdAt: row.createdAt.toISOString(),
    startedAt: isoOrNull(row.startedAt),
    endedAt: isoOrNull(row.endedAt),
    durationMs: row.durationMs,
    phases: phases.nullable().parse(row.phases),
    energy: energy.nullable().parse(row.energy),
    peakResidentMemoryBytes:
      row.peakResidentMemoryBytes === null ? null : Number(row.peakResidentMemoryBytes),
    meanCpuPercent: row.meanCpuPercent,
    error: runError.nullable().parse(row.error),
    excludedReason: row.excludedReason,
    notes: row.notes,
    tags: row.tags,
  };
}

export function toAttempt(row: Prisma.AttemptGetPayload<object>): Attempt {
  return {
    number: row.number,
    status: row.status,
    workerName: row.workerName,
    startedAt: row.startedAt.toISOString(),
    endedAt: isoOrNull(row.endedAt),
    error: runError.nullable().parse(row.error),
  };
}

/** The event that tells of a run's state. */
export function runEvent(run: {
  id: string;
  sweepId: string | null;
  status: Run["status"];
  attempt: number;
  digest: string | null;
}) {
  return {
    type: "run" as const,
    sweepId: run.sweepId,
    runId: run.id,
    status: run.status,
    attempt: run.attempt,
    digest: run.digest,
  };
}

export const runEventFields = { id: true, sweepId: true, status: true, attempt: true, digest: true } as const;
