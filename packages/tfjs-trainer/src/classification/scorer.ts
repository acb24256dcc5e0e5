import type { TensorInfo } from "@tensorflow/tfjs-core";
import { floatView, type HostBackend, sizeOf } from "../kernels/wasm-context.js";
import { buildModel } from "../models/build-model.js";
import { softmax } from "../ops/softmax-cross-entropy.js";
import { evaluationPass } from "../passes.js";
import { createTape } from "../tape.js";
import type { Weights } from "../weights.js";
import type { ClassificationMemory } from "./memory.js";
import type { ClassificationPlan } from "./plan.js";

/** Cases of one forward pass in evaluation; fixed, so that results do not depend on memory or threads. */
const chunkSize = 256;

/** Class probabilities of a fixed list of cases under the loaded weights: one row per case, one column per class. */
export type Scorer = () => number[][];

export function createScorer(
  plan: ClassificationPlan,
  memory: ClassificationMemory,
  { backend, weights, ids }: { backend: HostBackend; weights: Weights; ids: Int32Array },
): Scorer {
  const { hyper, inputShape } = plan;
  const classes = plan.classes.length;
  const model = buildModel(hyper, inputShape, classes);
  const width = sizeOf(inputShape);
  const chunks: TensorInfo[] = [];
  for (let start = 0; start < ids.length; start += chunkSize) {
    const part = ids.subarray(start, start + chunkSize);
    const values = new Float32Array(part.length * width);
    for (const [row, id] of part.entries()) {
      values.set(memory.features.subarray(id * width, (id + 1) * width), row * width);
    }
    chunks.push(backend.makeOutput([part.length, ...inputShape], "float32", undefined, values));
  }
  return () =>
    chunks.flatMap((chunk) => {
      const tape = createTape(backend);
      const pass = evaluationPass(tape, weights, { epsilon: hyper.batchNormEpsilon });
      const probabilities = floatView(
        backend,
        tape.own(softmax(tape, model.forward(tape.constant(chunk), pass))),
      );
      const rows = Array.from({ length: chunk.shape[0] ?? 0 }, (_, row) =>
        Array.from(probabilities.subarray(row * classes, (row + 1) * classes)),
      );
      tape.release();
      return rows;
    });
}
