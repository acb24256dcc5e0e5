import { type FailureGroup, runError } from "@reprise/contracts";
import type { Database } from "../connect.js";

type Row = {
  error: unknown;
  count: number;
  last_at: Date | null;
  runs: string[];
};

/** Runs of a group that are named; all of them are found by the listing of failed runs. */
const named = 5;

/** Failed study runs of a sweep by cause: kind and message without its numbers. The most frequent cause first. */
export async function sweepFailures(db: Database, sweepId: string): Promise<FailureGroup[]> {
  const rows = await db.prisma.$queryRaw<Row[]>`
    SELECT (array_agg(error ORDER BY ended_at DESC, id))[1] AS error, count(*)::int AS count,
      max(ended_at) AS last_at, (array_agg(id::text ORDER BY position, id))[1:${named}::int] AS runs
    FROM runs
    WHERE sweep_id = ${sweepId}::uuid AND status = 'failed' AND purpose = 'study' AND error IS NOT NULL
    GROUP BY error ->> 'kind', regexp_replace(error ->> 'message', '[0-9]+', '0', 'g')
    ORDER BY count(*) DESC, max(ended_at) DESC`;
  return rows.map((row) => ({
    ...runError.parse(row.error),
    count: row.count,
    lastAt: row.last_at?.toISOString() ?? null,
    runIds: row.runs,
  }));
}
