/**
 * `npx pnpm bench`: measures, never asserts. Prints markdown tables with the machine they were measured on. Names choose
 * among its parts: `npx pnpm bench ingestion histories`.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { prepareDashboard, prepareDatabaseClient, prepareTrainer } from "@reprise/cli";
import { apiAt, sweepUntil } from "../support/api.js";
import { measuredHere } from "../support/machine.js";
import { redisMissing, startRedis } from "../support/redis.js";
import { dataFolder, startReprise } from "../support/start-reprise.js";

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

/** Start on an empty folder → first screen → first trained run → whole study; what a run costs beside its training. */
async function study(): Promise<void> {
  const data = dataFolder();
  const startedAt = performance.now();
  const since = () => performance.now() - startedAt;
  const server = await startReprise(["--data", data.path, "--demo", "quickstart"]);
  try {
    const firstScreen = since();
    const api = apiAt(server.url);
    let sweep = (await api.sweeps()).items[0];
    while (!sweep) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      sweep = (await api.sweeps()).items[0];
    }
    await sweepUntil(api, server.url, sweep.id, ({ runCounts }) => runCounts.succeeded > 0);
    const firstRun = since();
    const ended = await sweepUntil(api, server.url, sweep.id);
    const whole = since();
    const runs = await api.runs(sweep.id);
    const training = runs.reduce((sum, run) => sum + (run.durationMs ?? 0), 0);
    const wall = Date.parse(ended.endedAt ?? "") - Date.parse(ended.startedAt ?? "");
    console.log(`
| quickstart on an empty folder, everything built | |
|---|---|
| start → first screen | ${seconds(firstScreen)} |
| start → first trained run | ${seconds(firstRun)} |
| first screen → all ${runs.length} runs ended (${ended.status}) | ${seconds(whole - firstScreen)} |
| median run | ${seconds(runs.map((run) => run.durationMs ?? 0).sort((a, b) => a - b)[runs.length >> 1] ?? 0)} |
| dispatch overhead per run (study wall time − run time) / runs | ${Math.round((wall - training) / runs.length)} ms |`);
  } finally {
    await server.stop();
    data.remove();
  }
}

function program(path: string, environment: NodeJS.ProcessEnv = {}): void {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const { status } = spawnSync(process.execPath, ["--import", import.meta.resolve("tsx"), file], {
    env: { ...process.env, ...environment },
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}

/** Jobs per second on both back ends; on PostgreSQL alone, saying so, where there is no Redis. */
async function queues(): Promise<void> {
  const { startEmbeddedPostgres } = await import("@reprise/database");
  const data = dataFolder();
  const postgres = await startEmbeddedPostgres({ dataDirectory: data.path });
  const missing = redisMissing();
  if (missing) console.log(`\n${missing}`);
  const redis = missing ? null : await startRedis();
  try {
    console.log("");
    program("packages/queue/src/bench.ts", {
      DATABASE_URL: postgres.url,
      ...(redis ? { REDIS_URL: redis.url } : {}),
    });
  } finally {
    await redis?.stop();
    await postgres.stop();
    data.remove();
  }
}

for (const prepare of [prepareDatabaseClient, prepareTrainer, prepareDashboard]) await prepare();
console.log(measuredHere());
const parts = {
  study,
  queues,
  "between-runs": () => program("test/bench/between-runs.ts"),
  latency: () => program("test/bench/latency.ts"),
  ingestion: () => program("test/bench/ingestion.ts"),
  search: () => program("test/bench/search.ts"),
  histories: () => program("test/bench/histories.ts"),
  "worst-inputs": () => program("test/bench/worst-inputs.ts"),
  "load-held": () => program("test/bench/load-held.ts"),
  guests: () => program("test/bench/guests.ts"),
  "ask-tell": () => program("test/bench/ask-tell.ts"),
  capacity: () => program("test/bench/capacity.ts"),
  statistics: () => program("packages/study/src/bench.ts"),
  training: () => program("packages/tfjs-trainer/src/program/bench.ts"),
} satisfies Record<string, () => void | Promise<void>>;
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  throw new Error(`There is no bench ${unknown.join(", ")}. There are: ${Object.keys(parts).join(", ")}.`);
}
for (const [name, measure] of Object.entries(parts)) {
  if (chosen.length === 0 || chosen.includes(name)) await measure();
}
