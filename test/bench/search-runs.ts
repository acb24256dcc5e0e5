/** Many runs that have ended, written by SQL as copies of one that the database's own functions wrote. For benches. */
import { type SweepSpec, sweepSpec } from "@reprise/contracts";
import { type Database, writeBatch } from "@reprise/database";
import { batchOf, begin, end, queue } from "./web-studies.js";

/** Study that half of the runs are of; the others are of studies of 500 runs. */
export type ManyRuns = { largest: string; template: string };

const spec: SweepSpec = sweepSpec.parse({
  name: "Search",
  dataset: "wdbc",
  base: { model: "mlp", epochs: 20, optimizer: "adam", learningRate: 0.01, weightDecay: 0 },
  analysisPlan: { primaryMetric: "testAccuracy" },
});

/** Writes one run as a worker does, which the others are copied from. */
export async function firstOfMany(db: Database): Promise<ManyRuns> {
  const { id, runs } = await queue(db, spec);
  const [run] = runs;
  if (!run) throw new Error("the study has no run");
  const ref = await begin(db, run.id);
  await writeBatch(db, ref, batchOf(0, 0, 1, 20));
  await end(db, ref, 0, run.mode);
  return { largest: id, template: run.id };
}

/** Brings the number of runs from `from` to `to`. Metrics, hyperparameters, arms and ends differ from run to run. */
export async function copyRuns(
  db: Database,
  { largest, template }: ManyRuns,
  from: number,
  to: number,
): Promise<void> {
  const sql = (text: string) => db.prisma.$executeRawUnsafe(text);
  await sql(`CREATE TABLE copy AS SELECT n, gen_random_uuid() AS run_id,
      CASE WHEN n % 2 = 0 THEN '${largest}'::uuid ELSE ('00000000-0000-4000-8000-' || lpad((n / 1000)::text, 12, '0'))::uuid END AS sweep_id,
      hashint4(n)::float8 / 2147483648 AS u, hashint4(n + 7)::float8 / 2147483648 AS v
    FROM generate_series(${from}, ${to - 1}) AS n`);
  await sql(`INSERT INTO sweeps SELECT x.* FROM sweeps s, (SELECT DISTINCT sweep_id FROM copy) c,
      jsonb_populate_record(s, jsonb_build_object('id', c.sweep_id)) x
    WHERE s.id = '${largest}' ON CONFLICT DO NOTHING`);
  await sql(`INSERT INTO runs SELECT x.* FROM copy c, runs r,
      jsonb_populate_record(r, jsonb_build_object('id', c.run_id, 'sweep_id', c.sweep_id, 'key', c.n,
        'position', c.n, 'seed', c.n % 40, 'arm', CASE WHEN c.n % 4 < 2 THEN 'det' ELSE 'free' END,
        'mode', CASE WHEN c.n % 4 < 2 THEN 'deterministic' ELSE 'nondeterministic' END,
        'status', CASE WHEN c.n % 97 = 0 THEN 'failed' ELSE 'succeeded' END,
        'configuration_key', md5((c.n % 60)::text), 'configuration_label', 'C' || c.n % 60,
        'params', r.params || jsonb_build_object('optimizer', (ARRAY['adam','sgd','adamw'])[1 + c.n % 3],
          'learningRate', (ARRAY[0.1,0.01,0.001,0.0001])[1 + c.n % 4], 'weightDecay', (c.n / 20) / 1e6),
        'effective_params', NULL, 'duration_ms', 1000 * (2 + c.u), 'digest', md5(c.n::text) || md5(c.n::text),
        'created_at', '2026-01-01'::timestamptz + c.n * interval '1 second')) x
    WHERE r.id = '${template}'`);
  // The checks of references have plans for the one run that there was.
  await sql("ANALYZE runs");
  const kept = `key, count, first, last_step, superseded, min, max, min_step, max_step, best, best_step, direction`;
  await sql(`INSERT INTO metric_summaries (run_id, selected, last, ${kept})
    SELECT c.run_id, 0.95 + 0.05 * c.u * c.v, 0.95 + 0.05 * c.u * c.v, ${kept}
    FROM copy c, metric_summaries m WHERE m.run_id = '${template}'`);
  await sql("DROP TABLE copy");
  await sql("VACUUM ANALYZE");
}
