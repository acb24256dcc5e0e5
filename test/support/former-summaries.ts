import type { Database } from "@reprise/database";

/**
 * Leaves the summaries of a run as an earlier version made them, in the order of reporting, and the revision as it is right
 * after an upgrade.
 */
export async function leaveAsReported(db: Database, runId: string): Promise<void> {
  await db.prisma.$executeRaw`
    WITH reports AS (
      SELECT c.key, p.step, p.value, row_number() OVER (PARTITION BY c.key ORDER BY c.attempt, c.batch, p.place) AS place
      FROM metric_chunks c, unnest(c.steps, c."values") WITH ORDINALITY AS p(step, value, place)
      WHERE c.run_id = ${runId}::uuid
    ), former AS (
      SELECT key, count(*) AS count, max(value) AS max, (array_agg(value ORDER BY place))[1] AS first,
        (array_agg(value ORDER BY place DESC))[1] AS last, (array_agg(step ORDER BY place DESC))[1] AS last_step
      FROM reports GROUP BY key
    )
    UPDATE metric_summaries s SET superseded = 0, count = former.count, first = former.first, last = former.last,
      last_step = former.last_step, max = former.max, best = CASE WHEN s.best IS NOT NULL THEN former.max END,
      selected = CASE WHEN s.selected IS NOT NULL THEN former.last END
    FROM former WHERE s.run_id = ${runId}::uuid AND s.key = former.key`;
  await db.prisma.maintenanceTask.updateMany({
    data: { cursor: null, done: 0, total: 0, changed: 0, startedAt: null, finishedAt: null },
  });
}
