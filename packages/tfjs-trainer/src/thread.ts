import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import type { TrainerEvent } from "@reprise/contracts";
import { isHostBackend } from "./backends/backend-names.js";
import { TrainerError } from "./errors.js";
import { startBackend } from "./kernels/register.js";
import { computeRun } from "./tasks/compute-run.js";
import type { FromThread, ThreadTask } from "./thread-messages.js";

/** Entry of a compute thread. Thread 0 coordinates: it runs the training loop and computes shards as the others do. */
async function main(): Promise<void> {
  const { work, backend: name, thread } = workerData as ThreadTask;
  const port = parentPort;
  if (isMainThread || !port) throw new Error("This file is started by the trainer's main thread.");
  const tell = (message: FromThread) => port.postMessage(message);
  try {
    if (!isHostBackend(name)) throw new Error(`Backend ${name} is not part of this version.`);
    const backend = await startBackend(fileURLToPath(new URL("./", import.meta.url)), name);
    const post = (events: TrainerEvent[]) => tell({ type: "events", events });
    tell({ type: "finished", result: await computeRun(work, { thread, backend, post }) });
  } catch (error) {
    const kind = error instanceof TrainerError ? error.kind : "infrastructure";
    const hint = error instanceof TrainerError ? error.hint : undefined;
    const message = error instanceof Error ? error.message : String(error);
    tell({ type: "failed", kind, message, hint });
  }
}

await main();
