import { join } from "node:path";
import type { RunRequest } from "@reprise/contracts";
import type { HostBackend } from "../../arithmetic/kernels/wasm-context.js";
import { reduceGradients } from "../../arithmetic/reduction.js";
import { createOptimizer } from "../../loop/optimizers.js";
import { createWeights } from "../../loop/weights.js";
import { allocateContrastiveMemory } from "./memory.js";
import { planContrastive } from "./plan.js";
import { createRankComputer } from "./rank-computer.js";
import { initialiseClip } from "./tensors.js";

/** The tiny CLIP of the contrastive studies: patch 2, width 64, 2 + 2 layers, 4 ranks of 32 pairs. */
const parameters = {
  model: "clip",
  patchSize: 2,
  width: 64,
  layers: 2,
  heads: 4,
  embedDim: 64,
  contextLength: 14,
  batchSizePerRank: 32,
  optimizer: "adamw",
  cropScale: [0.8, 1],
};

/**
 * Whole steps of the tiny CLIP on this one thread (all ranks, reduction, optimizer), as a call to be timed, and the images
 * of one. `folder` holds the built trainer with its data; `request` is filled in.
 */
export async function contrastiveStep(
  backend: HostBackend,
  { folder, request }: { folder: string; request: RunRequest },
): Promise<{ images: number; step: () => void }> {
  const { plan, data } = await planContrastive(
    {
      ...request,
      task: "contrastive",
      parameters,
      dataset: {
        name: "digits",
        split: { train: 0.5565, validation: 0.1, test: 0.3435, seed: 1, groupBy: null },
      },
      resources: { threads: 1, ranks: 4 },
    },
    {
      folders: { bundled: join(folder, "datasets"), root: null, cache: null },
      report: () => {},
      warn: () => {},
    },
  );
  const memory = allocateContrastiveMemory(plan, data);
  const { layout, shape, keys, ranks, rows } = plan;
  initialiseClip(memory.parameters, { layout, shape, key: keys.init });
  memory.order.set(plan.trainIds);
  const weights = createWeights(layout, memory, backend);
  const computer = createRankComputer(plan, memory, { backend, weights });
  const optimizer = createOptimizer(plan.hyper, layout);
  const gradient = new Float32Array(layout.trained);
  const all = Array.from({ length: ranks }, (_, rank) => rank);
  let step = 0;
  return {
    images: ranks * rows,
    step() {
      computer.loadWeights();
      for (const rank of all) computer.encode(rank, { step, batchStart: 0 });
      for (const rank of all) computer.loss(rank);
      for (const rank of all) computer.backward(rank);
      reduceGradients(memory, all, gradient);
      optimizer.update(memory.parameters.subarray(0, layout.trained), gradient, {
        learningRate: 0.001,
        step,
      });
      step += 1;
    },
  };
}
