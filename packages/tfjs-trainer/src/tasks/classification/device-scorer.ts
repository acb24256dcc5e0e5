import * as tf from "@tensorflow/tfjs-core";
import { stockPass, stockValue, tensorOf } from "../../arithmetic/device/stock-pass.js";
import { createInputReader } from "../../loop/inputs.js";
import { buildModel } from "../../models/build-model.js";
import { beforeLastLayer } from "../../models/model.js";
import type { Scorer, Scoring } from "./assessment.js";
import { createDeviceWeights, type DeviceWeights } from "./device-step.js";
import type { ClassificationMemory } from "./memory.js";
import type { ClassificationPlan } from "./plan.js";
import { chunkSize } from "./scorer.js";

/** Scoring on a device, by the library's own ops. */
export function deviceScoring(
  plan: ClassificationPlan,
  memory: ClassificationMemory,
  weights: DeviceWeights = createDeviceWeights(plan, memory),
): Scoring {
  return {
    load: weights.load,
    createScorer: (ids) => createDeviceScorer(plan, memory, { weights, ids, of: "scores" }),
    createProbe: (ids) => createDeviceScorer(plan, memory, { weights, ids, of: "activations" }),
  };
}

function createDeviceScorer(
  plan: ClassificationPlan,
  memory: ClassificationMemory,
  { weights, ids, of }: { weights: DeviceWeights; ids: Int32Array; of: "scores" | "activations" },
): Scorer {
  const { hyper, inputShape } = plan;
  const model = buildModel(hyper, inputShape, plan.classes.length);
  const width = inputShape.reduce((a, b) => a * b, 1);
  const inputs = createInputReader(plan, memory.features);
  const pass = stockPass({
    tensor: weights.tensor,
    epsilon: hyper.batchNormEpsilon,
    batchNorm: { by: "running" },
    dropoutMask: null,
  });

  async function rowsOf(part: Int32Array): Promise<number[][]> {
    const xs = new Float32Array(part.length * width);
    for (const [row, id] of part.entries())
      inputs.evaluation(id, xs.subarray(row * width, (row + 1) * width));
    const result = tf.tidy(() => {
      const x = stockValue(tf.tensor(xs, [part.length, ...inputShape]));
      return of === "scores"
        ? tf.softmax(tensorOf(model.forward(x, pass)))
        : tensorOf(beforeLastLayer(model, x, pass));
    });
    const numbers = await result.data();
    result.dispose();
    const columns = numbers.length / part.length;
    return Array.from(part, (_, row) => Array.from(numbers.subarray(row * columns, (row + 1) * columns)));
  }

  return async () => {
    const rows: number[][] = [];
    for (let start = 0; start < ids.length; start += chunkSize)
      rows.push(...(await rowsOf(ids.subarray(start, start + chunkSize))));
    return rows;
  };
}
