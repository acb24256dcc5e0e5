import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import type { TrainerEvent } from "@reprise/contracts";
import { type Compute, startEngine } from "../arithmetic/backends/start-engine.js";
import { TrainerError } from "../program/errors.js";
import { computeRun } from "../tasks/compute-run.js";
import type { FromThread, ThreadStart, ThreadTask } from "./thread-messages.js";

const start = (compute: Compute) => startEngine(compute, fileURLToPath(new URL("./", import.meta.url)));

/**
 * Entry of a compute thread, which waits for its task. Thread 0 coordinates: it runs the training loop and computes shards as
 * the others do.
 */
async function main(): Promise<void> {
  const port = parentPort;
  if (isMainThread || !port) throw new Error("This file is started by the trainer's main thread.");
  const asked = once(port, "message");
  const { isWarm } = workerData as ThreadStart;
  const warm = isWarm ? start({ backend: "wasm", algorithms: "deterministic" }) : null;
  // Told when a run needs it.
  warm?.catch(() => {});
  const [{ work, compute, thread }] = (await asked) as [ThreadTask];
  const tell = (message: FromThread) => port.postMessage(message);
  try {
    const engine = await (warm ?? start(compute));
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
