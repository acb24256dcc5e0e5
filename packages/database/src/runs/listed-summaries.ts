import { shownByDefault } from "@reprise/contracts";
import type { Database } from "../connect.js";
import type { RunRow } from "./entities.js";

type Summaries = RunRow["metricSummaries"];
export type ListedSummaries = {
  summaries: Summaries;
  /** Metrics that the run has, listed or not. */
  count: number;
};

/**
 * Which metrics stand for a run that has more than are listed: the planned one and the objective of its study, what its
 * trainer announces in that order, then the others by name.
 */
async function chosenKeys(db: Database, runIds: readonly string[]): Promise<Map<string, Set<string>>> {
  const rows = await db.prisma.$queryRaw<Array<{ id: string; keys: string[] }>>`
    SELECT r.id, ARRAY(
      SELECT m.key FROM metric_summaries m
      LEFT JOIN LATERAL (
        SELECT min(place) AS place FROM jsonb_array_elements(t.capabilities -> 'metrics')
          WITH ORDINALITY AS announced(metric, place)
        WHERE announced.metric ->> 'key' = m.key
      ) a ON true
      WHERE m.run_id = r.id
      ORDER BY m.key IS DISTINCT FROM s.spec #>> '{analysisPlan,primaryMetric}',
        m.key IS DISTINCT FROM s.spec #>> '{objective,metric}', a.place NULLS LAST, m.key
      LIMIT ${shownByDefault}::int
    ) AS keys
    FROM runs r LEFT JOIN sweeps s ON s.id = r.sweep_id LEFT JOIN trainer_capabilities t ON t.trainer = r.trainer
    WHERE r.id = ANY(${[...runIds]}::uuid[])`;
  return new Map(rows.map(({ id, keys }) => [id, new Set(keys)]));
}

/**
 * What rows of a list say of metrics: a run may have thousands.
 *
 * @param metrics names of those to list; `all` is every one, `default` those that stand for a run, which nothing means too
 */
export async function listedSummaries(
  db: Database,
  runIds: readonly string[],
  metrics: readonly string[] = ["default"],
): Promise<Map<string, ListedSummaries>> {
  const ids = [...runIds];
  const counted = await db.prisma.metricSummary.groupBy({
    by: ["runId"],
    where: { runId: { in: ids } },
    _count: { key: true },
  });
  const counts = new Map(counted.map(({ runId, _count }) => [runId, _count.key]));
  const has = (id: string) => counts.get(id) ?? 0;
  const isWhole = (id: string) =>
    metrics.includes("all") || (metrics.includes("default") && has(id) <= shownByDefault);
  const whole = ids.filter(isWhole);
  const parts = ids.filter((id) => !isWhole(id));
  const chosen =
    metrics.includes("default") && parts.length > 0
      ? await chosenKeys(db, parts)
      : new Map<string, Set<string>>();
  const named = new Set(metrics);
  const keys = [...new Set([...named, ...[...chosen.values()].flatMap((own) => [...own])])];
  const found = await db.prisma.metricSummary.findMany({
    where: { OR: [{ runId: { in: whole } }, { runId: { in: parts }, key: { in: keys } }] },
  });
  const listed = new Map<string, ListedSummaries>(ids.map((id) => [id, { summaries: [], count: has(id) }]));
  for (const row of found) {
    const own = chosen.get(row.runId);
    if (own && !own.has(row.key) && !named.has(row.key)) continue;
    listed.get(row.runId)?.summaries.push(row);
  }
  return listed;
}
