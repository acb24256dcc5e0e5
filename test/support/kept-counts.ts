import type { Database } from "@reprise/database";

/** Where the kept number of a sweep's runs of a status is not how many there are; empty where all are right. */
export async function wrongCounts(db: Database): Promise<string[]> {
  const rows = await db.prisma.$queryRaw<
    Array<{ sweep: string; status: string; kept: number; counted: number }>
  >`
    SELECT coalesce(k.sweep_id, c.sweep_id)::text AS sweep, coalesce(k.status, c.status)::text AS status,
      coalesce(k.runs, 0) AS kept, coalesce(c.runs, 0) AS counted
    FROM sweep_counts k FULL JOIN (
      SELECT sweep_id, status, count(*)::int AS runs FROM runs WHERE sweep_id IS NOT NULL AND purpose = 'study'
      GROUP BY sweep_id, status
    ) AS c ON c.sweep_id = k.sweep_id AND c.status = k.status
    WHERE coalesce(k.runs, 0) <> coalesce(c.runs, 0)`;
  return rows.map(
    ({ sweep, status, kept, counted }) =>
      `sweep ${sweep} has ${counted} runs that are ${status}, and ${kept} are kept`,
  );
}
