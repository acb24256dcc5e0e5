import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { canonicalJson, type TrainerEvent } from "@reprise/contracts";
import { sha256 } from "./digests.js";
import { environmentValues } from "./environment.js";
import { TrainerError } from "./errors.js";
import { startBackend } from "./kernels/register.js";
import { createShardComputer } from "./shard-computer.js";
import { helpForever } from "./step-threads.js";
import type { FromThread, ThreadTask } from "./thread-messages.js";
import { train } from "./training.js";
import { createWeights } from "./weights.js";

/** Entry of a compute thread. Thread 0 coordinates: it runs the training loop and computes shards as the others do. */
async function main(): Promise<void> {
  const { plan, memory, thread } = workerData as ThreadTask;
  const port = parentPort;
  if (isMainThread || !port) throw new Error("This file is started by the trainer's main thread.");
  const tell = (message: FromThread) => port.postMessage(message);
  try {
    const backend = await startBackend(fileURLToPath(new URL("./", import.meta.url)));
    const weights = createWeights(plan.layout, memory, backend);
    const compute = createShardComputer(plan, memory, { backend, weights });
    const share = { thread, threads: plan.threads, compute, loadWeights: weights.load };
    if (thread > 0) helpForever(memory, share);
    const post = (events: TrainerEvent[]) => tell({ type: "events", events });
    const values = await environmentValues(plan);
    const digest = sha256(canonicalJson(values));
    post([
      { type: "environment", values },
      { type: "digest", kind: "environment", positions: [0], digests: [digest] },
    ]);
    tell({ type: "finished", result: train(plan, memory, { backend, weights, share, post }) });
  } catch (error) {
    const kind = error instanceof TrainerError ? error.kind : "infrastructure";
    const hint = error instanceof TrainerError ? error.hint : undefined;
    const message = error instanceof Error ? error.message : String(error);
    tell({ type: "failed", kind, message, hint });
  }
}

await main();
