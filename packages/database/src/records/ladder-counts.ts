import type { LadderCounts } from "@reprise/contracts";
import type { Database } from "../connect.js";

/**
 * Epochs and optimisation steps that runs left digests of. Null for a kind of which some are missing, so that its last
 * position would not tell how many there were.
 */
export async function countLadders(
  db: Database,
  runIds: readonly string[],
): Promise<Map<string, LadderCounts>> {
  const rows = await db.prisma.$queryRaw<
    Array<{ runId: string; kind: string; first: number; last: number; rungs: number }>
  >`
    SELECT run_id AS "runId", kind, min(position)::int AS first, max(position)::int AS last,
      count(DISTINCT position)::int AS rungs
    FROM ladder_chunks, unnest(positions) AS position
    WHERE run_id = ANY(${[...runIds]}::uuid[]) AND kind IN ('epoch', 'step')
    GROUP BY run_id, kind`;
  const counts = new Map<string, LadderCounts>();
  for (const { runId, kind, first, last, rungs } of rows) {
    const complete = first <= 1 && last - first + 1 === rungs;
    counts.set(runId, {
      ...(counts.get(runId) ?? { epochs: null, steps: null }),
      [kind === "epoch" ? "epochs" : "steps"]: complete ? rungs : null,
    });
  }
  return counts;
}
