/**
 * What lies between two runs of a slot: how long it stands idle, and what API, worker and PostgreSQL compute for one run,
 * beside a pool that starts a process for each. `node --import tsx test/bench/between-runs.ts [share of the runs]`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { prepareTrainer } from "@reprise/cli";
import { apiAt } from "../support/api.js";
import { dataFolder, processTree, startReprise } from "../support/start-reprise.js";
import { median } from "./measures.js";

const program = fileURLToPath(new URL("timed-trainer.mjs", import.meta.url));
const share = Number(process.argv[2] ?? 1);

/** What the timed trainer notes of one run: milliseconds since 1970, its own processor time in milliseconds. */
type Stamp = { startedAt: number; waitsSince: number; askedAt: number; doneAt: number; cpuMs: number };
type Processor = { api: number; worker: number; database: number };
type Figures = {
  runs: number;
  /** Milliseconds between one run and the next, whole and without the start of the program itself. */
  gap: number;
  ours: number;
  busy: number;
  perRun?: Processor;
};

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function stampsOf(file: string): Stamp[] {
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line): Stamp => JSON.parse(line))
    .sort((a, b) => a.doneAt - b.doneAt);
}

function figuresOf(stamps: Stamp[]): Figures {
  const pairs = stamps.slice(1).map((next, at) => ({ before: stamps[at] as Stamp, next }));
  const first = stamps[0] as Stamp;
  const last = stamps.at(-1) as Stamp;
  const whole = last.doneAt - first.doneAt;
  const trained = pairs.reduce((sum, { next }) => sum + next.doneAt - next.askedAt, 0);
  return {
    runs: stamps.length,
    gap: median(pairs.map(({ before, next }) => next.askedAt - before.doneAt)),
    ours: median(
      pairs.map(({ before, next }) => {
        const loading = next.waitsSince - Math.max(next.startedAt, before.doneAt);
        return next.askedAt - before.doneAt - Math.max(0, loading);
      }),
    ),
    busy: trained / whole,
  };
}

/** Processor time in milliseconds: of a process alone, and of the children that it has waited for. */
function processorOf(pid: number): { own: number; waited: number } {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const ticks = (at: number) => 10 * ((fields[at - 3] ?? 0) + (fields[at - 2] ?? 0));
    return { own: ticks(14), waited: ticks(16) };
  } catch {
    return { own: 0, waited: 0 };
  }
}

/** The processes of a server: its API, its worker, and PostgreSQL with what it has forked. */
function partsOf(pid: number): { api: number; worker: number; postmaster: number } {
  const rows = processTree(pid);
  const find = (what: (command: string) => boolean) => rows.find(({ command }) => what(command))?.pid ?? 0;
  return {
    api: find((command) => / api$/.test(command)),
    worker: find((command) => / worker$/.test(command)),
    postmaster: postmasterOf(),
  };
  function postmasterOf(): number {
    const own = find((command) => /postgres.* -D /.test(command));
    return own || find((command) => /postgres/.test(command));
  }
}

function look(parts: ReturnType<typeof partsOf>): {
  api: number;
  worker: number;
  helpers: number;
  database: number;
} {
  const worker = processorOf(parts.worker);
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === parts.postmaster);
  const postmaster = processorOf(parts.postmaster);
  const database = children.reduce((sum, child) => sum + processorOf(Number(child)).own, 0);
  return {
    api: processorOf(parts.api).own,
    worker: worker.own,
    helpers: worker.waited,
    database: postmaster.own + postmaster.waited + database,
  };
}

function parentOf(pid: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

/** One process after another for each run, as a pool starts them. */
async function pool(seconds: number, runs: number): Promise<Figures> {
  const data = dataFolder();
  const stamps = join(data.path, "stamps");
  for (let run = 0; run < runs; run++) {
    const child = spawn(process.execPath, [program], {
      stdio: ["pipe", "ignore", "inherit", "pipe"],
      env: { ...process.env, REPRISE_STAMPS: stamps },
    });
    child.stdin?.write(`${JSON.stringify({ parameters: { seconds }, backend: "auto" })}\n`);
    const events = child.stdio[3];
    if (events && "resume" in events) events.resume();
    await once(child, "exit");
  }
  const figures = figuresOf(stampsOf(stamps));
  data.remove();
  return figures;
}

type Server = Awaited<ReturnType<typeof startReprise>>;

async function measure(
  server: Server,
  spec: Record<string, unknown>,
): Promise<{
  perRun: Processor & { helpers: number };
  runs: Awaited<ReturnType<ReturnType<typeof apiAt>["runs"]>>;
}> {
  const api = apiAt(server.url);
  const parts = partsOf(server.process.pid ?? 0);
  const before = look(parts);
  const { id } = await api.createSweep(spec);
  while ((await api.sweep(id)).endedAt === null) await pause(1_000);
  const after = look(parts);
  const runs = await api.runs(id);
  const per = (part: keyof typeof before) => (after[part] - before[part]) / runs.length;
  return {
    runs,
    perRun: { api: per("api"), worker: per("worker"), database: per("database"), helpers: per("helpers") },
  };
}

const seedsOf = (count: number) =>
  Array.from({ length: Math.max(3, Math.round(count * share)) }, (_, seed) => seed);
const ms = (value: number) => value.toFixed(0);
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;

await prepareTrainer();
const data = dataFolder();
const stamps = join(data.path, "stamps");
const config = join(data.path, "worker.yaml");
const timed = { name: "timed", command: process.execPath, args: [program], env: { REPRISE_STAMPS: stamps } };
writeFileSync(config, JSON.stringify({ trainers: [timed] }));
const server = await startReprise(["--data", data.path], { REPRISE_WORKER_CONFIG: config });
try {
  // What is compiled and planned once is no part of a run.
  await measure(server, {
    name: "warm",
    trainer: "timed",
    dataset: "toy",
    base: { seconds: 0.2 },
    seeds: [0, 1, 2, 3, 4],
  });
  console.log(`
| between runs (load ${loadavg()[0]?.toFixed(1)}, ${cpus().length} cores) | runs | idle between two | of it ours | slot busy | processor per run: API | worker | its helpers | PostgreSQL |
|---|---:|---:|---:|---:|---:|---:|---:|---:|`);
  for (const [seconds, count] of [
    [0.2, 40],
    [1, 25],
    [5, 8],
  ] as const) {
    writeFileSync(stamps, "");
    const seeds = seedsOf(count);
    const { perRun } = await measure(server, {
      name: `runs of ${seconds} s`,
      trainer: "timed",
      dataset: "toy",
      base: { seconds },
      seeds,
    });
    const noted = stampsOf(stamps);
    const ours = figuresOf(noted);
    const helpers = perRun.helpers - mean(noted.map(({ cpuMs }) => cpuMs));
    console.log(
      `| a program, ${seconds} s | ${ours.runs} | ${ms(ours.gap)} ms | ${ms(ours.ours)} ms | ${percent(ours.busy)} | ${ms(perRun.api)} ms | ${ms(perRun.worker)} ms | ${ms(helpers)} ms | ${ms(perRun.database)} ms |`,
    );
    const peer = await pool(seconds, seeds.length);
    console.log(
      `| a process each, ${seconds} s | ${peer.runs} | ${ms(peer.gap)} ms | ${ms(peer.ours)} ms | ${percent(peer.busy)} | | | | |`,
    );
  }
  for (const [words, modes] of [
    ["one arm", { deterministic: { repeats: 1 } }],
    ["two arms in turns", { deterministic: { repeats: 1 }, nondeterministic: { repeats: 1 } }],
  ] as const) {
    const { runs, perRun } = await measure(server, {
      name: `built-in, ${words}`,
      dataset: "digits",
      base: { epochs: 12, batchSize: 32 },
      resources: { threads: 1 },
      seeds: seedsOf(20 / Object.keys(modes).length),
      modes,
    });
    const ordered = runs.toSorted((a, b) => Date.parse(a.endedAt ?? "") - Date.parse(b.endedAt ?? ""));
    const trained = ordered.map(({ phases }) => (phases?.train ?? 0) + (phases?.evaluate ?? 0));
    const whole = Date.parse(ordered.at(-1)?.endedAt ?? "") - Date.parse(ordered[0]?.endedAt ?? "");
    const training = 1000 * trained.slice(1).reduce((a, b) => a + b, 0);
    const gap = (whole - training) / (runs.length - 1);
    console.log(
      `| built-in trainer, ${words}, ${(mean(trained)).toFixed(2)} s | ${runs.length} | ${ms(gap)} ms | | ${percent(training / whole)} | ${ms(perRun.api)} ms | ${ms(perRun.worker)} ms | | ${ms(perRun.database)} ms |`,
    );
  }
} finally {
  await server.stop();
  data.remove();
}
