import { shownByDefault } from "@reprise/contracts";
import { Prisma } from "../generated/client.js";

/**
 * Which metrics stand for a run that has more than are listed: the planned one and the objective of its study, what its
 * trainer announces in that order, then the others by name.
 */
const chosenKeys = Prisma.sql`ARRAY(
  SELECT m.key FROM metric_summaries m
  LEFT JOIN sweeps s ON s.id = r.sweep_id LEFT JOIN trainer_capabilities t ON t.trainer = r.trainer
  LEFT JOIN LATERAL (
    SELECT min(place) AS place FROM jsonb_array_elements(t.capabilities -> 'metrics')
      WITH ORDINALITY AS announced(metric, place)
    WHERE announced.metric ->> 'key' = m.key
  ) a ON true
  WHERE m.run_id = r.id
  ORDER BY m.key IS DISTINCT FROM s.spec #>> '{analysisPlan,primaryMetric}',
    m.key IS DISTINCT FROM s.spec #>> '{objective,metric}', a.place NULLS LAST, m.key
  LIMIT ${shownByDefault}::int)`;

/**
 * What rows of a list say of metrics: a run may have thousands.
 *
 * @param metrics names of those to list; `all` is every one, `default` those that stand for a run, which nothing means too
 * @returns what is joined to `runs r` (`counted.n`: how many metrics the run has), and which of its `metric_summaries m` are listed
 */
export function listedSummaries(metrics: readonly string[] = ["default"]): {
  joined: Prisma.Sql;
  listed: Prisma.Sql;
} {
  const counted = Prisma.sql`
    CROSS JOIN LATERAL (SELECT count(*)::int AS n FROM metric_summaries c WHERE c.run_id = r.id) AS counted`;
  if (metrics.includes("all")) return { joined: counted, listed: Prisma.sql`true` };
  const named = Prisma.sql`m.key = ANY(${[...metrics]}::text[])`;
  if (!metrics.includes("default")) return { joined: counted, listed: named };
  return {
    // Not to be taken apart: the keys are chosen once for a run.
    joined: Prisma.sql`${counted} CROSS JOIN LATERAL (
      SELECT CASE WHEN counted.n > ${shownByDefault}::int THEN ${chosenKeys} END AS keys OFFSET 0) AS chosen`,
    listed: Prisma.sql`(chosen.keys IS NULL OR m.key = ANY(chosen.keys) OR ${named})`,
  };
}
