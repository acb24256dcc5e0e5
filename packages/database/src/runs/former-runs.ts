import { energy, type FormerRun, parameters } from "@reprise/contracts";
import type { Database } from "../connect.js";

type Row = {
  sweep_id: string | null;
  configuration_key: string;
  params: unknown;
  seed: bigint;
  arm: string;
  mode: string;
  duration_ms: number | null;
  energy: unknown;
  selected: number | null;
};

/** More would change no estimate, and a preview is asked for at every key that is pressed. */
const maxFormerRuns = 2000;

/** The newest succeeded study runs that a trainer did here on a data set, with one metric of each; excluded ones are left out. */
export async function formerRuns(
  db: Database,
  query: { trainer: string; dataset: string; metric: string | null },
): Promise<FormerRun[]> {
  const rows = await db.prisma.$queryRaw<Row[]>`
    SELECT r.sweep_id, r.configuration_key, coalesce(r.effective_params, r.params) AS params, r.seed, r.arm,
      r.mode::text AS mode, r.duration_ms, r.energy, m.selected
    FROM runs r LEFT JOIN metric_summaries m ON m.run_id = r.id AND m.key = ${query.metric ?? ""}
    WHERE r.status = 'succeeded' AND r.purpose = 'study' AND r.excluded_reason IS NULL
      AND r.trainer = ${query.trainer} AND r.dataset = ${query.dataset}
      AND NOT EXISTS (SELECT FROM sweeps s WHERE s.id = r.sweep_id AND s.imported IS NOT NULL)
    ORDER BY r.created_at DESC, r.id LIMIT ${maxFormerRuns}`;
  return rows.map((row) => {
    const { model, epochs } = parameters.parse(row.params);
    return {
      sweepId: row.sweep_id,
      configurationKey: row.configuration_key,
      model,
      epochs,
      seed: String(row.seed),
      arm: row.arm,
      free: row.mode === "nondeterministic",
      durationMs: row.duration_ms,
      energy: energy.nullable().parse(row.energy),
      value: row.selected,
    };
  });
}

/** Runs of a device class that are queued or running now, of all sweeps that are not paused: what a new one waits behind. */
export async function runsAhead(db: Database, trainer: string): Promise<number> {
  return db.prisma.run.count({
    where: {
      trainer,
      status: { in: ["queued", "running"] },
      OR: [{ sweepId: null }, { sweep: { paused: false } }],
    },
  });
}
