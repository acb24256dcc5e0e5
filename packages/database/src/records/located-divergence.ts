import { type KeptDivergence, keptDivergence, type LocatedDivergence } from "@reprise/contracts";
import type { Database } from "../connect.js";
import { databaseTime } from "../database-time.js";
import { storable } from "../storable.js";

/** Keeps where two trainings of a run's program part; what was found before is replaced. @returns null for an unknown run */
export async function keepDivergence(
  db: Database,
  runId: string,
  found: LocatedDivergence,
): Promise<KeptDivergence | null> {
  const kept = { ...found, locatedAt: (await databaseTime(db.prisma)).toISOString() };
  const { count } = await db.prisma.run.updateMany({
    where: { id: runId },
    data: { divergence: storable(kept) },
  });
  return count === 0 ? null : kept;
}

/** What was kept of it; null if it was not searched for. */
export async function readDivergence(db: Database, runId: string): Promise<KeptDivergence | null> {
  const row = await db.prisma.run.findUnique({ where: { id: runId }, select: { divergence: true } });
  return keptDivergence.nullable().parse(row?.divergence ?? null);
}
