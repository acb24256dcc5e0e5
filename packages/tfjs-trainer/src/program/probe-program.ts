/**
 * Run in a child process, because a backend may crash its process: starts one backend, computes a batch of a small network
 * on it and compares gradient, batch statistics and loss with those that the library's own ops give on its JavaScript
 * backend. Prints one line of JSON. Arguments: the backend, and a list of configurations as JSON.
 */
import { fileURLToPath } from "node:url";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import { z } from "zod";
import { type BackendName, backendNames } from "../arithmetic/backends/backend-names.js";
import { type Engine, startEngine } from "../arithmetic/backends/start-engine.js";
import { openWebGpu } from "../arithmetic/device/webgpu.js";
import { effectiveHyperparameters } from "../hyperparameters/effective.js";
import { createWeights } from "../loop/weights.js";
import { createDeviceShard, createDeviceWeights } from "../tasks/classification/device-step.js";
import type { ClassificationMemory } from "../tasks/classification/memory.js";
import { randomProblem } from "../tasks/classification/random-problem.js";
import { createShardComputer } from "../tasks/classification/shard-computer.js";
import type { ShardPlan } from "../tasks/classification/shard-inputs.js";
import type { BackendFinding } from "./probe-backend.js";

const folder = fileURLToPath(new URL("./", import.meta.url));
const configurations = z.array(
  z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.number())])),
);
/** Largest error, relative to the largest number of its kind, that is still rounding. */
const tolerance = 1e-4;

/** What a step leaves in the memory: each shard's gradient, statistics and loss. */
const resultsOf = ({ gradients, statistics, losses, correct }: ClassificationMemory) =>
  [gradients, statistics, losses, correct].map((values) => Float64Array.from(values));

async function computeOnDevice(plan: ShardPlan, memory: ClassificationMemory): Promise<Float64Array[]> {
  const weights = createDeviceWeights(plan, memory);
  const computeShard = createDeviceShard(plan, memory, weights);
  for (let shard = 0; shard < plan.hyper.shards; shard++)
    await computeShard({ shard, step: 0, batchStart: 0 });
  weights.release();
  return resultsOf(memory);
}

async function computeOn(
  engine: Engine,
  plan: ShardPlan,
  memory: ClassificationMemory,
): Promise<Float64Array[]> {
  if (engine.kind === "device") return computeOnDevice(plan, memory);
  const { backend } = engine;
  const weights = createWeights(plan.layout, memory, backend);
  const computeShard = createShardComputer(plan, memory, { backend, weights });
  weights.load();
  for (let shard = 0; shard < plan.hyper.shards; shard++) computeShard({ shard, step: 0, batchStart: 0 });
  return resultsOf(memory);
}

/** Largest difference of two lists, relative to the largest number of the expected one. */
function relativeError(found: Float64Array, expected: Float64Array): number {
  let [largest, error] = [Number.MIN_VALUE, 0];
  for (const [i, value] of expected.entries()) {
    largest = Math.max(largest, Math.abs(value));
    const difference = Math.abs(value - (found[i] ?? Number.NaN));
    // NaN is no small error.
    error = Math.max(error, difference);
  }
  return error / largest;
}

async function probe(backend: BackendName, given: z.infer<typeof configurations>): Promise<BackendFinding> {
  // The most likely reason to fail comes first, and soon.
  if (backend === "webgpu") await openWebGpu();
  const problems = given.map((parameters) => {
    const hyper = effectiveHyperparameters({ batchSize: 8, shards: 2, ...parameters });
    return randomProblem(hyper, { inputShape: [8, 8, 2], classes: 3 });
  });
  const expected: Float64Array[][] = [];
  await startEngine({ backend: "cpu", algorithms: "deterministic" }, folder);
  for (const { plan, memory } of problems) expected.push(await computeOnDevice(plan, memory));
  const engine = await startEngine({ backend, algorithms: "deterministic" }, folder);
  let worst = 0;
  for (const [i, { plan, memory }] of problems.entries()) {
    const found = await computeOn(engine, plan, memory);
    const errors = (expected[i] ?? []).map((values, kind) =>
      relativeError(found[kind] ?? new Float64Array(), values),
    );
    const error = Math.max(...errors);
    if (!(error < tolerance)) {
      const detail = `its gradients are off by ${error.toExponential(1)} (${JSON.stringify(given[i])})`;
      return { works: false, software: false, detail };
    }
    worst = Math.max(worst, error);
  }
  const facts = engine.kind === "device" ? engine.device.facts : {};
  const software = facts.webgpuSoftwareAdapter === true;
  const where = facts.webgpuAdapter ?? (facts.libtensorflow ? `libtensorflow ${facts.libtensorflow}` : null);
  const detail = `${where ? `${where}, ` : ""}gradients within ${worst.toExponential(1)}`;
  return { works: true, software, detail };
}

async function main(): Promise<BackendFinding> {
  try {
    const [name, list = '[{"model":"cnn","filters":[2,3]}]'] = process.argv.slice(2);
    return await probe(z.enum(backendNames).parse(name), configurations.parse(JSON.parse(list)));
  } catch (error) {
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return {
      works: false,
      software: false,
      detail: line.replace(/^Backend \S+ is not available here: /, "").replace(/\.$/, ""),
    };
  }
}

console.log(JSON.stringify(await main()));
process.exit(0);
