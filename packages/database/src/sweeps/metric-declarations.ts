import {
  type DeclaredMetric,
  metricDeclarations,
  metricFacts,
  metricsOfStudy,
  objective,
} from "@reprise/contracts";
import { z } from "zod";
import type { Database, Sql } from "../connect.js";
import type { Direction } from "../metrics/metric-summaries.js";
import { readSummaries, remakeSummaries } from "../metrics/series-store.js";

const declaring = z.object({
  metrics: metricDeclarations.nullable(),
  objective: objective.nullable(),
  afterwards: metricDeclarations,
});

/** What the study of a run declares of its metrics; nothing for a run of no study. */
export async function studyMetricsOfRun(db: Database, runId: string): Promise<DeclaredMetric[]> {
  const rows = await db.prisma.$queryRaw<unknown[]>`
    SELECT s.spec -> 'metrics' AS "metrics", s.spec -> 'objective' AS "objective", s.metrics AS "afterwards"
    FROM runs r JOIN sweeps s ON s.id = r.sweep_id WHERE r.id = ${runId}::uuid`;
  return z
    .array(declaring)
    .parse(rows)
    .flatMap((row) =>
      metricsOfStudy({
        spec: { metrics: row.metrics ?? undefined, objective: row.objective ?? undefined },
        metrics: row.afterwards,
      }),
    );
}

/** The direction by which the best value of a metric is kept: of validation data only, since test data must not choose. */
export function keptDirection(key: string, declared: readonly DeclaredMetric[]): Direction | null {
  const { split, direction } = metricFacts(key, declared);
  return split === "validation" ? direction : null;
}

/** Makes the best values of some metrics anew where they were kept by another direction than is declared now. */
export async function redirectMetrics(
  sql: Sql,
  sweepId: string,
  keys: readonly string[],
  declared: readonly DeclaredMetric[],
): Promise<void> {
  const rows = await sql.metricSummary.findMany({
    where: { key: { in: [...keys] }, run: { sweepId } },
    select: { runId: true, key: true, direction: true },
  });
  const changed = rows.filter(({ key, direction }) => direction !== keptDirection(key, declared));
  for (const runId of new Set(changed.map((row) => row.runId))) {
    const own = changed.filter((row) => row.runId === runId).map(({ key }) => key);
    const known = await readSummaries(sql, runId, own);
    const redirected = [...known].map(
      ([key, { final }]) => [key, { final, direction: keptDirection(key, declared) }] as const,
    );
    await remakeSummaries(sql, runId, new Map(redirected), true);
  }
}
