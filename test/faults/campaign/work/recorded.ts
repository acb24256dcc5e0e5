import { type Database, readLadder, readMetrics, readPredictions } from "@reprise/database";
import type { Violation } from "./work.js";

/** All that is recorded of a run and follows from its seed; a run that was disturbed must have the same. */
export type Recorded = { digest: string | null; series: string; ladder: string; predictions: string };

/** @returns null where there is no such run */
export async function recordedOf(db: Database, runId: string): Promise<Recorded | null> {
  const [run, metrics, ladder, predictions] = await Promise.all([
    db.prisma.run.findUnique({ where: { id: runId } }),
    readMetrics(db, runId, { superseded: true }),
    readLadder(db, runId),
    readPredictions(db, runId),
  ]);
  if (!run) return null;
  const series = Object.entries(metrics?.series ?? {})
    .map(([key, { steps, values }]) => ({ key, steps, values }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const replaced = Object.keys(metrics?.superseded ?? {});
  return {
    digest: run.digest,
    series: JSON.stringify({ series, replaced }),
    ladder: JSON.stringify(ladder && { ...ladder, runId: "", attempt: 0 }),
    predictions: JSON.stringify(predictions),
  };
}

/** In what two records of the same training differ. */
export function differences(what: string, expected: Recorded, found: Recorded): Violation[] {
  return (["digest", "series", "ladder", "predictions"] as const)
    .filter((part) => expected[part] !== found[part])
    .map((part) => `${what}: its ${part} should be ${expected[part]}, and is ${found[part]}`);
}
