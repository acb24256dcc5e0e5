import {
  externalTrainer,
  leftOutTrainer,
  metricDeclarations,
  type RunCounts,
  type Sweep,
  sweepOrigin,
  sweepSpec,
  trainerCapabilities,
} from "@reprise/contracts";
import { z } from "zod";
import type { Sql } from "../connect.js";
import type { Prisma } from "../generated/client.js";
import { workerGoneAfterMs } from "../workers/workers.js";
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
  const remaining = await remainingMs(sql, ids);
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
      createdAt: row.createdAt.toISOString(),
      startedAt: row.startedAt?.toISOString() ?? null,
      endedAt: row.endedAt?.toISOString() ?? null,
      estimatedRemainingMs: endedStatuses.has(row.status) ? null : (remaining.get(row.id) ?? null),
      blockedReason: blocked.get(row.id) ?? null,
    };
  });
}

/**
 * Milliseconds until the last run ends: the median duration of the succeeded runs for each queued one, what is left
 * of it for each running one, shared among as many runs as run now. No entry before the first success.
 */
async function remainingMs(sql: Sql, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await sql.$queryRaw<Array<{ sweepId: string; remaining: number }>>`
    WITH median AS (
      SELECT sweep_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) AS ms
      FROM runs
      WHERE sweep_id = ANY(${[...ids]}::uuid[]) AND status = 'succeeded' AND purpose = 'study'
        AND duration_ms IS NOT NULL
      GROUP BY sweep_id
    )
    SELECT r.sweep_id AS "sweepId",
      (sum(CASE WHEN r.status = 'queued' THEN m.ms
        ELSE greatest(0, m.ms - extract(epoch FROM now() - r.started_at) * 1000) END)
        / greatest(1, count(*) FILTER (WHERE r.status = 'running')))::float8 AS remaining
    FROM runs r JOIN median m ON m.sweep_id = r.sweep_id
    WHERE r.status IN ('queued', 'running') AND r.purpose = 'study'
    GROUP BY r.sweep_id`;
  return new Map(rows.map((row) => [row.sweepId, row.remaining]));
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
  const needs = await sql.$queryRaw<
    Array<{ sweepId: string; trainer: string; deviceClass: string; dataset: string }>
  >`
    SELECT DISTINCT ON (sweep_id) sweep_id AS "sweepId", trainer, device_class AS "deviceClass", dataset
    FROM runs
    WHERE sweep_id = ANY(${waiting.map((row) => row.id)}::uuid[]) AND status = 'queued' AND purpose = 'study'
    ORDER BY sweep_id, position`;
  const workers = (
    await sql.worker.findMany({
      where: { lastSeenAt: { gt: new Date(Date.now() - workerGoneAfterMs) }, status: { not: "gone" } },
    })
  ).map((worker) => ({
    status: worker.status,
    trainers: z.array(trainerCapabilities).parse(worker.capabilities),
    leftOut: z
      .array(leftOutTrainer)
      .parse(worker.leftOut)
      .map((missed) => ({ ...missed, worker: worker.name })),
  }));
  const reasons = new Map<string, string>();
  for (const { sweepId, trainer, deviceClass, dataset } of needs) {
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
    } else if (withData.length === 0) reasons.set(sweepId, `no worker has data set ${dataset}`);
  }
  return reasons;
}
