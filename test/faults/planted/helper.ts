// The second thread of `runs.ts`: works on the steps of one run after another, as a compute thread of the trainer does.
import { parentPort, workerData } from "node:worker_threads";
import { startBackend } from "../../../packages/tfjs-trainer/src/arithmetic/kernels/register.js";
import { control } from "../../../packages/tfjs-trainer/src/loop/memory.js";
import { workOnStep } from "../../../packages/tfjs-trainer/src/loop/step-threads.js";
import { createWeights } from "../../../packages/tfjs-trainer/src/loop/weights.js";
import type { ClassificationWork } from "../../../packages/tfjs-trainer/src/tasks/classification/prepare.js";
import { createShardComputer } from "../../../packages/tfjs-trainer/src/tasks/classification/shard-computer.js";

const backend = await startBackend(`${workerData.folder}/`, "wasm");

parentPort?.on("message", ({ plan, memory }: ClassificationWork) => {
  const weights = createWeights(plan.layout, memory, backend);
  const compute = createShardComputer(plan, memory, { backend, weights });
  const share = { thread: 1, threads: 2, compute, loadWeights: weights.load };
  parentPort?.postMessage("ready");
  for (let seen = 0; seen >= 0; ) {
    Atomics.wait(memory.control, control.generation, seen);
    seen = Atomics.load(memory.control, control.generation);
    if (seen > 0) workOnStep(memory, share);
  }
  parentPort?.postMessage("free");
});
