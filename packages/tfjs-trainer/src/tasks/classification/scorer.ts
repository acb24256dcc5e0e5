import { floatView, type HostBackend, sizeOf } from "../../arithmetic/kernels/wasm-context.js";
import { softmax } from "../../arithmetic/ops/softmax-cross-entropy.js";
import { evaluationPass } from "../../arithmetic/passes.js";
import { createTape } from "../../arithmetic/tape.js";
import { createInputReader } from "../../loop/inputs.js";
import type { Weights } from "../../loop/weights.js";
import { buildModel } from "../../models/build-model.js";
import { beforeLastLayer } from "../../models/model.js";
import type { Scoring } from "./assessment.js";
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
  return {
    load: on.weights.load,
    createScorer: (ids) => createScorer(plan, memory, { ...on, ids, of: "scores" }),
    createProbe: (ids) => createScorer(plan, memory, { ...on, ids, of: "activations" }),
  };
}

function createScorer(
  plan: ClassificationPlan,
  memory: ClassificationMemory,
  given: { backend: HostBackend; weights: Weights; ids: Int32Array; of: "scores" | "activations" },
): () => number[][] {
  const { backend, weights, ids, of } = given;
  const { hyper, inputShape } = plan;
  const classes = plan.classes.length;
  const model = buildModel(hyper, inputShape, classes);
  const width = sizeOf(inputShape);
  const inputs = createInputReader(plan, memory.features);

  function rowsOf(part: Int32Array): number[][] {
    const tape = createTape(backend);
    const x = tape.own(backend.makeOutput([part.length, ...inputShape], "float32"));
    const xs = floatView(backend, x);
    for (const [row, id] of part.entries())
      inputs.evaluation(id, xs.subarray(row * width, (row + 1) * width));
    const pass = evaluationPass(tape, weights, { epsilon: hyper.batchNormEpsilon });
    const result =
      of === "scores"
        ? tape.own(softmax(tape, model.forward(tape.constant(x), pass)))
        : beforeLastLayer(model, tape.constant(x), pass).tensor;
    const numbers = floatView(backend, result);
    const columns = numbers.length / part.length;
    const rows = Array.from(part, (_, row) =>
      Array.from(numbers.subarray(row * columns, (row + 1) * columns)),
    );
    tape.release();
    return rows;
  }

  return () => {
    const rows: number[][] = [];
    for (let start = 0; start < ids.length; start += chunkSize)
      rows.push(...rowsOf(ids.subarray(start, start + chunkSize)));
    return rows;
  };
}
