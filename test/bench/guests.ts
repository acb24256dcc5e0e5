/**
 * Trainers that ask too much of their worker, each beside runs of another study in the other slot: what becomes of the run, how much
 * memory the worker takes for it, and how long the runs beside it are.
 */
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { prepareTrainer } from "@reprise/cli";
import { apiAt } from "../support/api.js";
import { dataFolder, processTree, startReprise } from "../support/start-reprise.js";
import { memoryOf } from "./measures.js";

const ways = {
  "long line": "an event line of 300 MB",
  "long print": "a printed line of 300 MB",
  brackets: "an event line of 200 MB of brackets",
  events: "10⁶ single events",
  names: "100,000 metric names",
  prints: "10⁶ printed lines",
};

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
const neighbourSeconds = 0.5;

await prepareTrainer();
const data = dataFolder();
const config = join(data.path, "worker.yaml");
const program = fileURLToPath(new URL("guest-trainer.mjs", import.meta.url));
writeFileSync(
  config,
  JSON.stringify({ slots: 2, trainers: [{ name: "guest", command: process.execPath, args: [program] }] }),
);
const server = await startReprise(["--data", data.path], { REPRISE_WORKER_CONFIG: config });
try {
  const api = apiAt(server.url);
  const worker =
    processTree(server.process.pid ?? 0).find(({ command }) => / worker$/.test(command))?.pid ?? 0;
  const study = (name: string, base: object, seeds: number, priority = 0) =>
    api.createSweep({
      ...{ name, trainer: "guest", dataset: "toy", base, resources: { threads: 1 }, priority },
      seeds: Array.from({ length: seeds }, (_, seed) => seed),
    });
  const ended = async (id: string) => {
    while ((await api.sweep(id)).endedAt === null) await pause(100);
    return api.runs(id);
  };
  await ended((await study("warm", { seconds: 0.1, way: "quiet" }, 2)).id);
  console.log(`
| a trainer that writes (load ${loadavg()[0]?.toFixed(1)}) | its run | attempts | after | worker before | at most | after 5 s | runs of ${neighbourSeconds} s beside it: number | longest | failed |
|---|---|---:|---:|---:|---:|---:|---:|---:|---:|`);
  for (const [way, words] of Object.entries(ways)) {
    const before = memoryOf(worker).now;
    const neighbours = await study(`beside ${way}`, { seconds: neighbourSeconds, way: "quiet" }, 200);
    const startedAt = performance.now();
    const { id } = await study(way, { seconds: 0, way }, 1, 100);
    let most = before;
    let isOpen = true;
    const watching = (async () => {
      while (isOpen) {
        most = Math.max(most, memoryOf(worker).now);
        await pause(20);
      }
    })();
    const [run] = await ended(id);
    const took = performance.now() - startedAt;
    isOpen = false;
    await watching;
    await api.call(`/sweeps/${neighbours.id}/cancel`, {});
    const beside = (await ended(neighbours.id)).filter(({ startedAt: began }) => began !== null);
    const durations = beside.flatMap(({ durationMs, status }) =>
      status === "succeeded" && durationMs !== null ? [durationMs] : [],
    );
    await pause(5_000);
    const reason = run?.error ? `${run.status}: ${run.error.message.slice(0, 60)}…` : run?.status;
    console.log(
      `| ${words} | ${reason} | ${run?.attempt} | ${(took / 1000).toFixed(1)} s | ${megabytes(before)} | ${megabytes(most)} | ${megabytes(memoryOf(worker).now)} | ${durations.length} | ${Math.round(Math.max(...durations))} ms | ${beside.filter(({ status }) => status === "failed").length} |`,
    );
  }
} finally {
  await server.stop();
  data.remove();
}
