import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import type { TrainerEvent } from "@reprise/contracts";
import { startEngine } from "../arithmetic/backends/start-engine.js";
import { TrainerError } from "../program/errors.js";
import { computeRun } from "../tasks/compute-run.js";
import type { FromThread, ThreadTask } from "./thread-messages.js";

/** Entry of a compute thread. Thread 0 coordinates: it runs the training loop and computes shards as the others do. */
async function main(): Promise<void> {
  const { work, compute, thread } = workerData as ThreadTask;
  const port = parentPort;
  if (isMainThread || !port) throw new Error("This file is started by the trainer's main thread.");
  const tell = (message: FromThread) => port.postMessage(message);
  try {
    const engine = await startEngine(compute, fileURLToPath(new URL("./", import.meta.url)));
    const post = (events: TrainerEvent[]) => tell({ type: "events", events });
    tell({ type: "finished", result: await computeRun(work, { thread, engine, post }) });
  } catch (error) {
    const kind = error instanceof TrainerError ? error.kind : "infrastructure";
    const hint = error instanceof TrainerError ? error.hint : undefined;
    const message = error instanceof Error ? error.message : String(error);
    tell({ type: "failed", kind, message, hint });
  }
}

await main();
