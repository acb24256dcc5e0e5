import { type MetricInfo, metricInfo } from "@reprise/contracts";
import { z } from "zod";
import type { Sql } from "../connect.js";

const list = z.array(metricInfo).nullable();

/** Metrics of runs as their trainers announced them; an imported study has brought the announcement along. By run. */
export async function announcedMetrics(
  sql: Sql,
  runIds: readonly string[],
): Promise<Map<string, MetricInfo[]>> {
  const rows = await sql.$queryRaw<Array<{ id: string; metrics: unknown }>>`
    SELECT r.id::text AS id,
      coalesce(s.imported -> 'capabilities' -> 'metrics', t.capabilities -> 'metrics') AS metrics
    FROM runs r LEFT JOIN sweeps s ON s.id = r.sweep_id LEFT JOIN trainer_capabilities t ON t.trainer = r.trainer
    WHERE r.id = ANY(${[...runIds]}::uuid[])`;
  return new Map(rows.map(({ id, metrics }) => [id, list.parse(metrics) ?? []]));
}
