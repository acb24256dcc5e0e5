import * as tf from "@tensorflow/tfjs-core";
import { stockPass, stockValue, tensorOf } from "../device/stock-pass.js";
import { createInputReader } from "../inputs.js";
import { buildModel } from "../models/build-model.js";
import { createDeviceWeights, type DeviceWeights } from "./device-step.js";
import type { Scorer, Scoring } from "./evaluation.js";
import type { ClassificationMemory } from "./memory.js";
import type { ClassificationPlan } from "./plan.js";
import { chunkSize } from "./scorer.js";

/** Scoring on a device, by the library's own ops. */
export function deviceScoring(
  plan: ClassificationPlan,
  memory: ClassificationMemory,
  weights: DeviceWeights = createDeviceWeights(plan, memory),
): Scoring {
  return { load: weights.load, createScorer: (ids) => createDeviceScorer(plan, memory, { weights, ids }) };
}

function createDeviceScorer(
  plan: ClassificationPlan,
  memory: ClassificationMemory,
  { weights, ids }: { weights: DeviceWeights; ids: Int32Array },
): Scorer {
  const { hyper, inputShape } = plan;
  const classes = plan.classes.length;
  const model = buildModel(hyper, inputShape, classes);
  const width = inputShape.reduce((a, b) => a * b, 1);
  const inputs = createInputReader(plan, memory.features);
  const pass = stockPass({
    tensor: weights.tensor,
    epsilon: hyper.batchNormEpsilon,
    batchNorm: { by: "running" },
    dropoutMask: null,
  });

  async function scoresOf(part: Int32Array): Promise<number[][]> {
    const xs = new Float32Array(part.length * width);
    for (const [row, id] of part.entries())
      inputs.evaluation(id, xs.subarray(row * width, (row + 1) * width));
    const probabilities = tf.tidy(() =>
      tf.softmax(tensorOf(model.forward(stockValue(tf.tensor(xs, [part.length, ...inputShape])), pass))),
    );
    const numbers = await probabilities.data();
    probabilities.dispose();
    return Array.from(part, (_, row) => Array.from(numbers.subarray(row * classes, (row + 1) * classes)));
  }

  return async () => {
    const rows: number[][] = [];
    for (let start = 0; start < ids.length; start += chunkSize)
      rows.push(...(await scoresOf(ids.subarray(start, start + chunkSize))));
    return rows;
  };
}
