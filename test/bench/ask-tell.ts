/**
 * What a trial of a sampler costs: ask for a configuration, tell its value; and whether it grows with the trials before it.
 * Beside it the same with Optuna on SQLite, where `REPRISE_PYTHON` has it. By itself: `node --import tsx test/bench/ask-tell.ts`;
 * as part of `npx pnpm bench`.
 */
import { spawnSync } from "node:child_process";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { apiAt } from "../support/api.js";
import { printGoals } from "./goals.js";
import { serveApi } from "./served-api.js";

/** Trials that the study has when it is measured. `TRIALS=100,2000 MEASURED=50` is for a busy machine. */
const sizes = (process.env.TRIALS ?? "100,1000,5000").split(",").map(Number);
const measured = Number(process.env.MEASURED ?? 100);

const warmUp = 50;

const served = await serveApi();
const api = apiAt(served.url);

type Cost = { trials: number; api: number; postgres: number; ms: number };

/** Values as a sampler draws them: a different configuration each time, the same ones in every measurement. */
function drawn(trial: number): Record<string, number | string> {
  const fraction = (factor: number) => (trial * factor) % 1;
  return {
    learningRate: 10 ** (-5 + 4 * fraction(0.618_033_988_7)),
    dropout: fraction(0.754_877_666_2),
    hiddenUnits: 16 * (1 + Math.floor(32 * fraction(0.569_840_290_9))),
    optimizer: ["adam", "sgd", "rmsprop"][trial % 3] as string,
  };
}

async function trial(sweepId: string, number: number): Promise<void> {
  const { run } = await api.call<{ run: { id: string } }>(`/sweeps/${sweepId}/ask`, {
    params: drawn(number),
  });
  await api.call(`/runs/${run.id}/tell`, { value: Math.sin(number) });
}

/** Brings the study to so many trials by copies of one, which differ from it as those that are asked for do. */
async function fill(sweepId: string, from: number, to: number): Promise<void> {
  await served.db.prisma.$executeRawUnsafe(`
    INSERT INTO runs SELECT x.* FROM generate_series(${from}, ${to - 1}) n, runs r,
      jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'key', md5(n::text), 'position', n,
        'configuration_key', md5(n::text) || md5(n::text), 'configuration_label', 'copy ' || n,
        'params', r.params || jsonb_build_object('learningRate', n / 1e6))) x
    WHERE r.sweep_id = '${sweepId}' AND r.position = ${warmUp - 1}`);
  await served.db.prisma.$executeRawUnsafe("VACUUM ANALYZE runs");
}

/** Cost of a trial of Optuna in the same way: processor milliseconds of its process, by number of trials before. */
function ofOptuna(): Map<number, number> | null {
  const python = process.env.REPRISE_PYTHON;
  if (python === undefined) return null;
  const program = fileURLToPath(new URL("ask-tell-optuna.py", import.meta.url));
  const { status, stdout } = spawnSync(python, [program, sizes.join(","), String(measured)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) return null;
  return new Map(Object.entries(JSON.parse(stdout)).map(([trials, ms]) => [Number(trials), Number(ms)]));
}

try {
  const { id } = await api.createSweep({
    name: "Asked for",
    trainer: "external",
    dataset: "digits",
    search: { method: "external" },
    objective: { metric: "validationAccuracy", direction: "maximize" },
    modes: { nondeterministic: { repeats: 1 } },
    seeds: [0],
  });
  const costs: Cost[] = [];
  let number = 0;
  for (; number < warmUp; number += 1) await trial(id, number);
  for (const size of sizes) {
    if (size > number) await fill(id, number, size);
    number = Math.max(number, size);
    const before = served.processorTime();
    const began = performance.now();
    for (const end = number + measured; number < end; number += 1) await trial(id, number);
    const after = served.processorTime();
    costs.push({
      trials: size,
      api: (after.api - before.api) / measured,
      postgres: (after.postgres - before.postgres) / measured,
      ms: (performance.now() - began) / measured,
    });
  }
  const optuna = ofOptuna();
  console.log(`
A trial, ask and tell: the mean of ${measured} after so many, load ${loadavg()[0]?.toFixed(1)}

| trials | by the clock, ms | processor, API, ms | processor, PostgreSQL, ms | Optuna on SQLite, processor, ms |
|---:|---:|---:|---:|---:|
${costs
  .map(
    (cost) =>
      `| ${cost.trials} | ${cost.ms.toFixed(1)} | ${cost.api.toFixed(1)} | ${cost.postgres.toFixed(1)} | ${optuna?.get(cost.trials)?.toFixed(1) ?? "not at hand"} |`,
  )
  .join("\n")}`);
  const last = costs.at(-1);
  printGoals(
    [
      {
        what: `processor time of a trial after ${last?.trials} others`,
        wanted: 20,
        measured: (last?.api ?? 0) + (last?.postgres ?? 0),
        unit: "ms",
      },
    ],
    loadavg()[0],
  );
} finally {
  await served.stop();
}
