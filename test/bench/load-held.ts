/**
 * A server under load for so many minutes: a study of 5,000 runs of 0.1 s, and the next whenever one has ended, 200 event streams of it, ten
 * programs that log, somebody who looks at lists, and analyses of the growing study all the while. `node --import tsx test/bench/load-held.ts [--minutes n]`.
 */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { prepareTrainer } from "@reprise/cli";
import { z } from "zod";
import { apiAt } from "../support/api.js";
import { measuredHere } from "../support/machine.js";
import { dataFolder, processTree, startReprise } from "../support/start-reprise.js";
import { printGoals } from "./goals.js";
import { memoryOf, quantile } from "./measures.js";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "2" } } });
const begun = measuredHere();
const minutes = z.coerce.number().positive().parse(values.minutes);
const [streams, loggers, runs] = [200, 10, 5_000];
/** A slope of less than half an hour is that of the last collections of garbage. */
const minutesForSlope = 30;
const windowMinutes = 10;
/** Calls by what they may take, in ms, 99 of a hundred: what a page waits for, what a training program waits for, a supervisor, an analysis. */
const longestWaits: Record<string, number> = {
  "list of studies": 300,
  "a study": 300,
  "a page of its runs": 300,
  health: 200,
  "an analysis of all of it": 2_000,
  "a report of a logged run": 300,
};
/** Of the memory of a process, in MB an hour. */
const greatestSlope = 50;
const clientsSaid = z.union([
  z.object({ failed: z.string() }),
  z.object({ took: z.record(z.string(), z.array(z.number())), events: z.number(), broken: z.number() }),
]);

/** Least squares, of the second half: what is loaded and planned once is no growth. Bytes an hour. */
function slopeOf(samples: ReadonlyArray<{ hours: number; bytes: number }>): number {
  const half = samples.slice(samples.length >> 1);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [x, y] = [mean(half.map(({ hours }) => hours)), mean(half.map(({ bytes }) => bytes))];
  const spread = half.reduce((sum, { hours }) => sum + (hours - x) ** 2, 0);
  return half.reduce((sum, { hours, bytes }) => sum + (hours - x) * (bytes - y), 0) / spread;
}

await prepareTrainer();
const data = dataFolder();
const config = join(data.path, "worker.yaml");
const program = fileURLToPath(new URL("guest-trainer.mjs", import.meta.url));
const guest = { name: "guest", command: process.execPath, args: [program] };
writeFileSync(config, JSON.stringify({ slots: 2, trainers: [guest] }));
const server = await startReprise(["--data", data.path], {
  REPRISE_WORKER_CONFIG: config,
  REPRISE_REQUESTS_PER_MINUTE: "1000000",
});
let clients: Worker | undefined;
try {
  const api = apiAt(server.url);
  const tree = processTree(server.process.pid ?? 0);
  const pids = {
    api: tree.find(({ command }) => / api$/.test(command))?.pid ?? 0,
    worker: tree.find(({ command }) => / worker$/.test(command))?.pid ?? 0,
  };
  let studies = 0;
  const nextStudy = async () => {
    studies += 1;
    const { id } = await api.createSweep({
      ...{ name: `load ${studies}`, trainer: "guest", dataset: "toy", base: { seconds: 0.1 } },
      resources: { threads: 1 },
      seeds: Array.from({ length: runs }, (_, seed) => seed),
    });
    return id;
  };
  let sweepId = await nextStudy();
  clients = new Worker(new URL("load-clients.mjs", import.meta.url), {
    workerData: { url: server.url, sweepId, streams, loggers },
  });
  /** Why a program that logs has given up. */
  const failures: string[] = [];
  clients.on("message", (message) => {
    const said = clientsSaid.parse(message);
    if ("failed" in said) failures.push(said.failed);
  });
  const until = performance.now() + minutes * 60_000;
  const startedAt = performance.now();
  const isOpen = () => performance.now() < until;
  const took: Record<string, number[]> = {};
  const timed = async (name: string, path: string) => {
    const asked = performance.now();
    const answer = await fetch(`${server.url}${path}`);
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    const times = took[name] ?? [];
    times.push(performance.now() - asked);
    took[name] = times;
  };
  const lags: number[] = [];
  const memory: Record<keyof typeof pids, Array<{ hours: number; bytes: number }>> = { api: [], worker: [] };

  /** Of all studies so far. */
  const trained: { minutes: number; succeeded: number; failed: number }[] = [];
  const keeping = async () => {
    const before = { succeeded: 0, failed: 0 };
    for (;;) {
      const { status, runCounts } = await api.sweep(sweepId);
      const succeeded = before.succeeded + runCounts.succeeded;
      const failed = before.failed + runCounts.failed;
      trained.push({ minutes: (performance.now() - startedAt) / 60_000, succeeded, failed });
      if (!isOpen()) return;
      if (["succeeded", "failed", "cancelled"].includes(status)) {
        Object.assign(before, { succeeded, failed });
        sweepId = await nextStudy();
        clients?.postMessage({ follow: sweepId });
      }
      await pause(1_000);
    }
  };
  /** Runs that succeeded in each ten minutes. */
  const windows = () => {
    const at = (minute: number) => trained.findLast((sample) => sample.minutes <= minute)?.succeeded ?? 0;
    return Array.from({ length: Math.ceil(minutes / windowMinutes) }, (_, index) => {
      const [from, to] = [index * windowMinutes, Math.min(minutes, (index + 1) * windowMinutes)];
      return `| ${from} to ${to} | ${at(to) - at(from)} |`;
    });
  };

  const looking = async () => {
    while (isOpen()) {
      await timed("list of studies", "/api/v1/sweeps");
      await timed("a study", `/api/v1/sweeps/${sweepId}`);
      await timed("a page of its runs", `/api/v1/runs?sweepId=${sweepId}&limit=100`);
      await timed("health", "/healthz");
      await pause(100);
    }
  };
  const analysing = async () => {
    while (isOpen()) {
      await timed("an analysis of all of it", `/api/v1/sweeps/${sweepId}/analyses/determinism`);
      await pause(1_000);
    }
  };
  const measuring = async () => {
    while (isOpen()) {
      await pause(5_000);
      const hours = (performance.now() - startedAt) / 3_600_000;
      for (const part of ["api", "worker"] as const)
        memory[part].push({ hours, bytes: memoryOf(pids[part]).now });
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      lags.push(1000 * Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(metrics)?.[1]));
    }
  };
  await Promise.all([keeping(), looking(), analysing(), measuring()]);
  const answer = once(clients, "message");
  clients.postMessage("look");
  const said = clientsSaid.parse((await answer)[0]);
  if ("failed" in said || failures.length > 0) throw new Error(failures.join("\n"));
  Object.assign(took, said.took);
  const { succeeded, failed } = trained.at(-1) ?? { succeeded: 0, failed: 0 };

  console.log(`
${begun}; load ${loadavg()[0]?.toFixed(1)} at the end

| call, ${minutes} min | calls | median | p99 | longest |
|---|---:|---:|---:|---:|`);
  for (const [name, times] of Object.entries(took))
    console.log(
      `| ${name} | ${times.length} | ${quantile(times, 0.5).toFixed(0)} ms | ${quantile(times, 0.99).toFixed(0)} ms | ${quantile(times, 1).toFixed(0)} ms |`,
    );
  console.log(`
${succeeded} runs of ${studies} studies succeeded, ${failed} failed; ${said.events} messages over ${streams} streams, ${said.broken} of them broken.

| minutes | runs that succeeded |
|---|---:|
${windows().join("\n")}
`);
  for (const part of ["api", "worker"] as const) {
    const bytes = memory[part].map((sample) => sample.bytes);
    console.log(
      `Memory of the ${part}: ${((bytes[0] ?? 0) / 1e6).toFixed(0)} MB after 5 s, ${((bytes.at(-1) ?? 0) / 1e6).toFixed(0)} MB at the end, slope of the second half ${(slopeOf(memory[part]) / 1e6).toFixed(0)} MB an hour.`,
    );
  }
  printGoals(
    [
      {
        what: "delay of the event loop, p99 of 5 s, the worst",
        wanted: 50,
        measured: Math.max(...lags),
        unit: "ms",
      },
      { what: "the same, of 95 % of the time", wanted: 50, measured: quantile(lags, 0.95), unit: "ms" },
      { what: "the same, the median", wanted: 50, measured: quantile(lags, 0.5), unit: "ms" },
      ...Object.entries(longestWaits).map(([name, wanted]) => ({
        ...{ what: `${name}, p99`, wanted, measured: quantile(took[name] ?? [], 0.99), unit: "ms" },
      })),
      ...(["api", "worker"] as const)
        .filter(() => minutes >= minutesForSlope)
        .map((part) => ({
          ...{ what: `memory of the ${part}, slope of the second half`, wanted: greatestSlope },
          ...{ measured: slopeOf(memory[part]) / 1e6, unit: "MB an hour" },
        })),
    ],
    loadavg()[0],
  );
} finally {
  await clients?.terminate();
  await server.stop();
  data.remove();
}
