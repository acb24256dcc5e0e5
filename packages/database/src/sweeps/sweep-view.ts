import {
  externalTrainer,
  leftOutTrainer,
  meets,
  metricDeclarations,
  noDataWords,
  type RunCounts,
  type RunNeeds,
  type Sweep,
  sweepOrigin,
  sweepSpec,
  trainerCapabilities,
  unmetWords,
} from "@reprise/contracts";
import { z } from "zod";
import type { Sql } from "../connect.js";
import { databaseTime } from "../database-time.js";
import type { Prisma } from "../generated/client.js";
import { machineOf } from "../workers/machines.js";
import { workerGoneAfterMs } from "../workers/workers.js";
import { mostMedians, type RunKind, remainingTime, type Trained } from "./remaining-time.js";
import { countRuns, sequentialOf } from "./sweep-state.js";
import { endedStatuses, noRuns } from "./sweep-status.js";

type SweepRow = Prisma.SweepGetPayload<object>;

/** What is stored of an import beside the study itself. */
const importRecord = z.strictObject({
  mark: z.strictObject({ at: z.string(), software: z.string() }),
  capabilities: trainerCapabilities.nullable(),
});
export const importOf = (row: { imported: SweepRow["imported"] }) =>
  importRecord.nullable().parse(row.imported);

/** Rows as the contract has them, with run counts, remaining time and what stands in the way. */
export async function toSweeps(sql: Sql, rows: readonly SweepRow[]): Promise<Sweep[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const counts = await countRuns(sql, ids);
  const open = rows.filter(({ status }) => !endedStatuses.has(status)).map(({ id }) => id);
  const remaining = await remainingMs(sql, open);
  const blocked = await blockedReasons(sql, rows, counts);
  return rows.map((row) => {
    const runCounts = counts.get(row.id) ?? { ...noRuns };
    return {
      id: row.id,
      name: row.name,
      status: row.status,
      spec: sweepSpec.parse(row.spec),
      specDigest: row.specDigest,
      analysisPlanDigest: row.analysisPlanDigest,
      metrics: metricDeclarations.parse(row.metrics),
      sequential: sequentialOf(row),
      preset: row.preset,
      runCounts,
      totalRuns: Object.values(runCounts).reduce((sum, count) => sum + count, 0),
      priority: row.priority,
      maxParallelRuns: row.maxParallelRuns,
      tags: row.tags,
      notes: row.notes,
      imported: importOf(row)?.mark ?? null,
      ...(row.origin === null ? {} : { origin: sweepOrigin.parse(row.origin) }),
      archivedAt: row.archivedAt?.toISOString() ?? null,
      createdAt: row.createdAt.toISOString(),
      startedAt: row.startedAt?.toISOString() ?? null,
      endedAt: row.endedAt?.toISOString() ?? null,
      estimatedRemainingMs: remaining.get(row.id) ?? null,
      blockedReason: blocked.get(row.id) ?? null,
    };
  });
}

/** Runs whose times say how many train at a time now. */
const lookedBack = 50;

/** Time left of the sweeps that have not ended, by what their runs took; no entry before the first has ended. */
async function remainingMs(sql: Sql, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const kinds = await sql.$queryRaw<Array<RunKind & { sweepId: string }>>`
    WITH study AS (
      SELECT sweep_id, configuration_key, arm, status, started_at,
        CASE WHEN status IN ('succeeded', 'failed')
          THEN coalesce(duration_ms::float8, extract(epoch FROM ended_at - started_at)::float8 * 1000) END AS ms
      FROM runs
      WHERE sweep_id = ANY(${[...ids]}::uuid[]) AND purpose = 'study'
    ), medians AS (
      SELECT sweep_id, configuration_key, arm, status, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS median
      FROM study GROUP BY sweep_id, configuration_key, arm, status
    ), cut AS (
      -- Where most runs fail at once, the median of all would cut off every success.
      SELECT study.*, CASE WHEN ms IS NOT NULL THEN least(ms, ${mostMedians} * median) END AS counted
      FROM study JOIN medians USING (sweep_id, configuration_key, arm, status)
    )
    SELECT sweep_id AS "sweepId", configuration_key AS configuration, arm,
      (count(*) FILTER (WHERE status = 'queued'))::int AS queued,
      coalesce(array_agg(extract(epoch FROM now() - started_at)::float8 * 1000)
        FILTER (WHERE status = 'running' AND started_at IS NOT NULL), '{}') AS running,
      avg(counted) AS "meanMs", avg(counted) FILTER (WHERE status = 'succeeded') AS "succeededMs"
    FROM cut
    GROUP BY sweep_id, configuration_key, arm`;
  const trained = await sql.$queryRaw<Array<Trained & { sweepId: string }>>`
    SELECT sweep_id AS "sweepId", extract(epoch FROM started_at)::float8 * 1000 AS "from",
      extract(epoch FROM until)::float8 * 1000 AS "to"
    FROM (
      SELECT sweep_id, started_at, coalesce(ended_at, now()) AS until,
        row_number() OVER (PARTITION BY sweep_id ORDER BY coalesce(ended_at, now()) DESC) AS place
      FROM runs
      WHERE sweep_id = ANY(${[...ids]}::uuid[]) AND purpose = 'study' AND started_at IS NOT NULL
        AND status IN ('running', 'succeeded', 'failed')
    ) AS lately
    WHERE place <= ${lookedBack}`;
  const of = <T extends { sweepId: string }>(rows: readonly T[], id: string) =>
    rows.filter(({ sweepId }) => sweepId === id);
  return new Map(
    ids.flatMap((id): [string, number][] => {
      const left = remainingTime(of(kinds, id), of(trained, id));
      return left === null ? [] : [[id, left]];
    }),
  );
}

/** Why nothing of a sweep starts although runs are queued: no worker could take one. */
async function blockedReasons(
  sql: Sql,
  rows: readonly SweepRow[],
  counts: Map<string, RunCounts>,
): Promise<Map<string, string>> {
  const waiting = rows.filter((row) => {
    const of = counts.get(row.id);
    return !endedStatuses.has(row.status) && !row.paused && of && of.queued > 0 && of.running === 0;
  });
  if (waiting.length === 0) return new Map();
  const needs = await sql.$queryRaw<Array<RunNeeds & { sweepId: string; dataset: string }>>`
    SELECT DISTINCT ON (sweep_id) sweep_id AS "sweepId", trainer, device_class AS "deviceClass", dataset, requires
    FROM runs
    WHERE sweep_id = ANY(${waiting.map((row) => row.id)}::uuid[]) AND status = 'queued' AND purpose = 'study'
    ORDER BY sweep_id, position`;
  const seenAfter = new Date((await databaseTime(sql)).getTime() - workerGoneAfterMs);
  const workers = (
    await sql.worker.findMany({ where: { lastSeenAt: { gt: seenAfter }, status: { not: "gone" } } })
  ).map((worker) => ({
    ...machineOf(worker),
    status: worker.status,
    trainers: z.array(trainerCapabilities).parse(worker.capabilities),
    leftOut: z
      .array(leftOutTrainer)
      .parse(worker.leftOut)
      .map((missed) => ({ ...missed, worker: worker.name })),
  }));
  const reasons = new Map<string, string>();
  for (const { sweepId, trainer, deviceClass, dataset, requires } of needs) {
    if (trainer === externalTrainer) {
      reasons.set(sweepId, "its runs are trained elsewhere: ask for the next one over HTTP");
      continue;
    }
    const able = workers.filter((worker) =>
      worker.trainers.some((t) => t.name === trainer && t.deviceClass === deviceClass),
    );
    const ready = able.filter((worker) => worker.status === "ready");
    const withData = ready.filter((worker) =>
      worker.trainers.some(
        (t) => t.name === trainer && !t.datasets.some((set) => set.name === dataset && !set.available),
      ),
    );
    if (workers.length === 0) reasons.set(sweepId, "no worker is connected");
    else if (able.length === 0) {
      const missed = workers.flatMap(({ leftOut }) => leftOut).find(({ name }) => name === trainer);
      const why = missed ? `; on worker ${missed.worker} it ${missed.reason}` : "";
      reasons.set(sweepId, `no worker offers trainer ${trainer} (${deviceClass})${why}`);
    } else if (ready.length === 0) {
      reasons.set(sweepId, `every worker that offers trainer ${trainer} is draining or quarantined`);
    } else {
      const reason =
        unmetWords(trainer, requires, ready) ??
        (withData.some((worker) => meets(worker, requires)) ? null : noDataWords(trainer, requires, dataset));
      if (reason !== null) reasons.set(sweepId, reason);
    }
  }
  return reasons;
}
