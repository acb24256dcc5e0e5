/**
 * What histories and analyses cost: a run of 10,000 steps, and every analysis of a study of 480 runs when it is asked for first.
 * By itself: `node --import tsx test/bench/histories.ts`; as part of `npx pnpm bench`.
 */
import { loadavg } from "node:os";
import { analysisNames } from "@reprise/contracts";
import { writeBatch } from "@reprise/database";
import { printGoals } from "./goals.js";
import { serveApi } from "./served-api.js";
import { batchOf, begin, end, queue, study } from "./web-studies.js";

const epochs = 200;
const cases = 228;
const steps = 10_000;

const served = await serveApi();
const { url, db, processorTime } = served;

async function asked(path: string): Promise<{ ms: number; api: number; postgres: number; bytes: number }> {
  const before = processorTime();
  const began = performance.now();
  const answer = await fetch(`${url}/api/v1${path}`);
  const text = await answer.text();
  const ms = performance.now() - began;
  if (!answer.ok) throw new Error(`${path}: ${text}`);
  const after = processorTime();
  return { ms, api: after.api - before.api, postgres: after.postgres - before.postgres, bytes: text.length };
}

/** The API has told of all that was written here before: what it still computes for that is no part of an answer. */
async function settled(): Promise<void> {
  let before = processorTime().api;
  for (let seconds = 0; seconds < 10; seconds += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const now = processorTime().api;
    if (now - before <= 60) return;
    before = now;
  }
}

const row = (name: string, { ms, api, postgres, bytes }: Awaited<ReturnType<typeof asked>>) =>
  `| ${name} | ${ms.toFixed(0)} | ${api.toFixed(0)} | ${postgres.toFixed(0)} | ${(bytes / 1000).toFixed(0)} |`;

try {
  const { id, runs } = await queue(db, study("Analyses", ["adam", "sgd", "adamw"], 10, 15));
  for (const [position, run] of runs.entries()) {
    const ref = await begin(db, run.id);
    await writeBatch(db, ref, batchOf(position, 0, 1, epochs));
    await end(db, ref, position, run.mode);
  }
  await db.prisma.$executeRawUnsafe(`
    INSERT INTO predictions (run_id, split, epoch, classes, positive_class, threshold, ids, labels, scores, groups, subgroups)
    SELECT r.id, 'test', 20, '{ill,well}', 0, 0.5, c.ids, c.labels,
      (SELECT array_agg(s ORDER BY n, side) FROM generate_series(1, ${cases}) n,
        LATERAL (SELECT 0.5 + 0.3 * sin(n * 7) + 0.02 * sin(n * r.position) AS p) p,
        LATERAL (VALUES (0, p.p), (1, 1 - p.p)) AS sides(side, s)), c.groups, '{}'
    FROM runs r, (SELECT array_agg('case ' || n ORDER BY n) AS ids, array_agg((sin(n * 7) + sin(n * 3) / 2 < 0)::int ORDER BY n) AS labels,
      jsonb_build_object('patient', jsonb_agg('patient ' || n % 100 ORDER BY n)) AS groups FROM generate_series(1, ${cases}) n) c`);
  const long = await queue(db, study("Long", ["adam"], 1, 1));
  const ref = await begin(db, long.runs[0]?.id ?? "");
  await writeBatch(db, ref, batchOf(0, 0, 1, steps));
  const history = `/runs/${ref.runId}/metrics?keys=trainLoss,validationLoss,validationAccuracy,testAccuracy,testSensitivity`;
  await settled();
  await asked(`/runs/${ref.runId}/metrics?keys=trainLoss`);
  const first = await asked(history);
  const rows = [
    row(`history of ${steps} × 5 points`, first),
    row("the same, again", await asked(history)),
    row("the same, at most 500 points of each", await asked(`${history}&maxPoints=500`)),
  ];
  const began = performance.now();
  const before = processorTime();
  const each = new Map<string, number>();
  for (const name of analysisNames) {
    const answer = await asked(`/sweeps/${id}/analyses/${name}`);
    each.set(name, answer.ms);
    rows.push(row(name, answer));
  }
  const whole = performance.now() - began;
  const after = processorTime();
  rows.push(
    row(`all ${analysisNames.length} analyses of ${runs.length} runs, one after the other`, {
      ms: whole,
      api: after.api - before.api,
      postgres: after.postgres - before.postgres,
      bytes: 0,
    }),
  );
  console.log(`
Histories and analyses when they are first asked for, load ${loadavg()[0]?.toFixed(1)}

| | ms | processor, API, ms | processor, PostgreSQL, ms | kB |
|---|---:|---:|---:|---:|
${rows.join("\n")}`);
  const slowest = [...each].reduce((a, b) => (b[1] > a[1] ? b : a));
  printGoals(
    [
      { what: `history of ${steps} × 5 points`, wanted: 100, measured: first.ms, unit: "ms" },
      {
        what: `curves of ${runs.length} runs of ${epochs} epochs`,
        wanted: 300,
        measured: each.get("curves") ?? Number.NaN,
        unit: "ms",
      },
      { what: `the slowest analysis, ${slowest[0]}`, wanted: 300, measured: slowest[1], unit: "ms" },
      { what: "all analyses, cold", wanted: 1_000, measured: whole, unit: "ms" },
    ],
    loadavg()[0],
  );
} finally {
  await served.stop();
}
