import {
  type Attempt,
  captureGap,
  encodeNumber,
  energy,
  execution,
  type MetricSummary,
  noise,
  observedSetting,
  parameters,
  progress,
  type Run,
  type RunAttribute,
  runAttributeNames,
  runAttributeValues,
  runError,
  runOrigin,
  trainingDivergence,
} from "@reprise/contracts";
import { z } from "zod";
import type { Sql } from "../connect.js";
import type { Prisma } from "../generated/client.js";
import { nonFiniteOf } from "../metrics/divergence.js";

/** What a run needs beside its own columns to be shown. */
export const withSummaries = { metricSummaries: true } as const satisfies Prisma.RunInclude;
export type RunRow = Prisma.RunGetPayload<{ include: typeof withSummaries }>;

const observed = z.array(observedSetting);
const gaps = z.array(captureGap);
const phases = z.record(z.string(), z.number());
const isoOrNull = (date: Date | null) => date?.toISOString() ?? null;
const wireOrNull = (value: number | null) => (value === null ? null : encodeNumber(value));

function toSummary(row: RunRow["metricSummaries"][number]): MetricSummary {
  return {
    count: row.count,
    first: encodeNumber(row.first),
    last: encodeNumber(row.last),
    final: wireOrNull(row.final),
    superseded: row.superseded,
    min: wireOrNull(row.min),
    max: wireOrNull(row.max),
    minStep: row.minStep,
    maxStep: row.maxStep,
    best: wireOrNull(row.best),
    bestStep: row.bestStep,
    selected: wireOrNull(row.selected),
    nonFinite: nonFiniteOf(row),
  };
}

/** A value of a plain column, as JSON has it. */
function plain(value: RunRow[RunAttribute]) {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "bigint" ? Number(value) : value;
}

/** A row as the contract has it. */
export function toRun(row: RunRow): Run {
  return {
    ...runAttributeValues.parse(
      Object.fromEntries(runAttributeNames.map((name) => [name, plain(row[name])])),
    ),
    params: parameters.parse(row.params),
    effectiveParams: parameters.nullable().parse(row.effectiveParams),
    disclosures: row.disclosures,
    execution: execution.parse(row.execution),
    noise: noise.parse(row.noise),
    progress: progress.nullable().parse(row.progress),
    diverged: trainingDivergence.nullable().parse(row.diverged),
    summary: Object.fromEntries(
      row.metricSummaries
        .toSorted((a, b) => (a.key < b.key ? -1 : 1))
        .map((summary) => [summary.key, toSummary(summary)]),
    ),
    phases: phases.nullable().parse(row.phases),
    energy: energy.nullable().parse(row.energy),
    error: runError.nullable().parse(row.error),
    observed: observed.parse(row.observed),
    gaps: gaps.parse(row.gaps),
    tags: row.tags,
    ...(row.origin === null ? {} : { origin: runOrigin.parse(row.origin) }),
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

/** The event that tells of the state that a run has now. */
export async function eventOfRun(sql: Sql, id: string) {
  return runEvent(await sql.run.findUniqueOrThrow({ where: { id }, select: runEventFields }));
}
