// A program that trains many runs in one process, with the built-in trainer's own modules and the faults beside them.
import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";
import type { RunRequest, TrainerEvent } from "@reprise/contracts";
import { startBackend } from "../../../packages/tfjs-trainer/src/arithmetic/kernels/register.js";
import { control } from "../../../packages/tfjs-trainer/src/loop/memory.js";
import { computeRun } from "../../../packages/tfjs-trainer/src/tasks/compute-run.js";
import { prepareRun } from "../../../packages/tfjs-trainer/src/tasks/prepare-run.js";
import { type Fault, type Planted, state } from "./fault.js";

/** One line in, one line out. `folder` has the built trainer's data sets and wasm files. */
export type Planting = { request: RunRequest; fault: Fault; folder: string };
export type PlantedRun = { events: TrainerEvent[]; planted: Planted | null };

let host: Awaited<ReturnType<typeof startBackend>> | undefined;
let helper: Worker | undefined;

/** A second thread at work on the run's memory, ready when this resolves. */
async function withHelper<T>(
  work: unknown,
  folder: string,
  train: () => Promise<T>,
  stop: () => void,
): Promise<T> {
  helper ??= new Worker(new URL("./helper.js", import.meta.url), { workerData: { folder } });
  const told = () => new Promise<void>((resolve) => helper?.once("message", () => resolve()));
  const ready = told();
  helper.postMessage(work);
  await ready;
  const free = told();
  const result = await train();
  stop();
  await free;
  return result;
}

async function run({ request, fault, folder }: Planting): Promise<PlantedRun> {
  const folders = { bundled: `${folder}/datasets/`, root: null, cache: null };
  const { work, compute, threads } = await prepareRun(request, { folders, report: () => {}, warn: () => {} });
  const { backend } = compute;
  if (work.task === "classification" && (backend === "cpu" || backend === "wasm")) {
    Object.assign(state, { fault, layout: null, keys: work.plan.keys, step: 0, planted: null });
    const events: TrainerEvent[] = [];
    host ??= await startBackend(`${folder}/`, backend);
    const started = host;
    const train = () =>
      computeRun(work, {
        thread: 0,
        engine: { kind: "host", backend: started },
        post: (more) => void events.push(...more),
      });
    const stop = () => {
      Atomics.store(work.memory.control, control.generation, -1);
      Atomics.notify(work.memory.control, control.generation);
    };
    if (threads > 1) await withHelper(work, folder, train, stop);
    else await train();
    return { events, planted: state.planted };
  }
  throw new Error(`No task ${work.task} on backend ${backend} here.`);
}

for await (const line of createInterface({ input: process.stdin })) {
  const planting: Planting = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await run(planting))}\n`);
}
process.exit(0);
