import type { Database } from "@reprise/database";
import type { Violation } from "./work/work.js";

/** What may follow on what. A study to which a run is logged goes on; a lost attempt from outside may come back. */
const legal: Record<string, Record<string, readonly string[]>> = {
  runs: {
    queued: ["running", "cancelled"],
    running: ["queued", "succeeded", "failed", "cancelled", "pruned"],
    failed: ["running"],
  },
  attempts: {
    running: ["succeeded", "failed", "cancelled", "pruned", "lost"],
    lost: ["running"],
  },
  sweeps: {
    queued: ["running", "succeeded", "failed"],
    running: ["queued", "succeeded", "failed"],
    failed: ["running"],
    succeeded: ["running"],
  },
};

/** Moves that only what is trained elsewhere makes. */
const outside = new Set([
  "runs failed running",
  "attempts lost running",
  "sweeps failed running",
  "sweeps succeeded running",
]);

/** Has the database note every change of a state, in the transaction of the change. */
export async function noteMoves(db: Database): Promise<void> {
  await db.prisma.$executeRaw`
    CREATE TABLE moves (id bigserial PRIMARY KEY, subject text, run uuid, trainer text, before text, after text)`;
  await db.prisma.$executeRaw`
    CREATE FUNCTION note_move() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO moves (subject, run, trainer, before, after) VALUES (
        TG_TABLE_NAME,
        CASE TG_TABLE_NAME WHEN 'attempts' THEN (to_jsonb(NEW)->>'run_id')::uuid ELSE (to_jsonb(NEW)->>'id')::uuid END,
        coalesce(to_jsonb(NEW)->>'trainer', (SELECT trainer FROM runs WHERE id::text = to_jsonb(NEW)->>'run_id'),
          to_jsonb(NEW)->'spec'->>'trainer'),
        OLD.status, NEW.status);
      RETURN NULL;
    END $$`;
  for (const table of ["runs", "attempts", "sweeps"]) {
    await db.prisma.$executeRawUnsafe(`
      CREATE TRIGGER note_move AFTER UPDATE OF status ON ${table}
      FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION note_move()`);
  }
}

/** Illegal moves, and runs that ended more than once; what was noted is forgotten. */
export async function wrongMoves(db: Database): Promise<Violation[]> {
  const moves = await db.prisma.$queryRaw<
    Array<{ subject: string; run: string; trainer: string | null; before: string; after: string }>
  >`WITH gone AS (DELETE FROM moves RETURNING *) SELECT * FROM gone ORDER BY id`;
  const violations: Violation[] = [];
  const succeeded = new Map<string, number>();
  for (const { subject, run, trainer, before, after } of moves) {
    const isLegal =
      (legal[subject]?.[before]?.includes(after) ?? false) &&
      (trainer === "external" || !outside.has(`${subject} ${before} ${after}`));
    if (!isLegal) violations.push(`${subject} ${run} (${trainer}) went from ${before} to ${after}`);
    if (subject === "runs" && after === "succeeded") succeeded.set(run, (succeeded.get(run) ?? 0) + 1);
  }
  for (const [run, times] of succeeded) if (times > 1) violations.push(`run ${run} succeeded ${times} times`);
  return violations;
}
