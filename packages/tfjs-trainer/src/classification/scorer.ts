import { createInputReader } from "../inputs.js";
import { floatView, type HostBackend, sizeOf } from "../kernels/wasm-context.js";
import { buildModel } from "../models/build-model.js";
import { softmax } from "../ops/softmax-cross-entropy.js";
import { evaluationPass } from "../passes.js";
import { createTape } from "../tape.js";
import type { Weights } from "../weights.js";
import type { Scoring } from "./evaluation.js";
import type { ClassificationMemory } from "./memory.js";
import type { ClassificationPlan } from "./plan.js";

/** Cases of one forward pass in evaluation; fixed, so that results do not depend on memory or threads. */
export const chunkSize = 256;

/** Scoring in this process's memory. */
export function hostScoring(
  plan: ClassificationPlan,
  memory: ClassificationMemory,
  on: { backend: HostBackend; weights: Weights },
): Scoring {
  return { load: on.weights.load, createScorer: (ids) => createScorer(plan, memory, { ...on, ids }) };
}

function createScorer(
  plan: ClassificationPlan,
  memory: ClassificationMemory,
  { backend, weights, ids }: { backend: HostBackend; weights: Weights; ids: Int32Array },
): () => number[][] {
  const { hyper, inputShape } = plan;
  const classes = plan.classes.length;
  const model = buildModel(hyper, inputShape, classes);
  const width = sizeOf(inputShape);
  const inputs = createInputReader(plan, memory.features);

  function scoresOf(part: Int32Array): number[][] {
    const tape = createTape(backend);
    const x = tape.own(backend.makeOutput([part.length, ...inputShape], "float32"));
    const xs = floatView(backend, x);
    for (const [row, id] of part.entries())
      inputs.evaluation(id, xs.subarray(row * width, (row + 1) * width));
    const pass = evaluationPass(tape, weights, { epsilon: hyper.batchNormEpsilon });
    const probabilities = floatView(backend, tape.own(softmax(tape, model.forward(tape.constant(x), pass))));
    const rows = Array.from(part, (_, row) =>
      Array.from(probabilities.subarray(row * classes, (row + 1) * classes)),
    );
    tape.release();
    return rows;
  }

  return () => {
    const rows: number[][] = [];
    for (let start = 0; start < ids.length; start += chunkSize)
      rows.push(...scoresOf(ids.subarray(start, start + chunkSize)));
    return rows;
  };
}
