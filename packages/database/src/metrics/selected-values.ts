import type { Sql } from "../connect.js";

/**
 * Notes the value of each per-epoch metric at the selected epoch. A series whose steps run beyond the last epoch on
 * the digest ladder counts optimisation steps, and has no value at an epoch.
 */
export async function selectValues(sql: Sql, runId: string, epoch: number | null): Promise<void> {
  if (epoch === null) return;
  await sql.$executeRaw`
    WITH last_epoch AS (
      SELECT max(position) AS number FROM ladder_chunks, unnest(positions) AS position
      WHERE run_id = ${runId}::uuid AND kind = 'epoch'
    ), points AS (
      SELECT DISTINCT ON (c.key) c.key, p.value
      FROM metric_chunks c, unnest(c.steps, c."values") WITH ORDINALITY AS p(step, value, place)
      WHERE c.run_id = ${runId}::uuid AND p.step = ${epoch}
      ORDER BY c.key, c.attempt DESC, c.batch DESC, p.place DESC
    )
    UPDATE metric_summaries s SET selected = points.value
    FROM points, last_epoch
    WHERE s.run_id = ${runId}::uuid AND s.key = points.key
      AND s.last_step <= coalesce(last_epoch.number, s.last_step)`;
}

/** The value of a run is the final one where such a one was told. */
export async function selectFinals(sql: Sql, runId: string, keys: readonly string[]): Promise<void> {
  await sql.$executeRaw`
    UPDATE metric_summaries SET selected = final WHERE run_id = ${runId}::uuid AND key = ANY(${[...keys]})`;
}
