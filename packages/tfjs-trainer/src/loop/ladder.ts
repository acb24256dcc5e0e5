import { digestOfStep, digestOfWeights, foldTensors, sha256, tensorDigestsOf } from "./digests.js";
import type { EventBatch } from "./event-batch.js";
import type { Memory } from "./memory.js";
import type { TrainingPlan } from "./plan.js";

/** Reports the rungs of a run's digest ladder, and beside them the digests of single tensors. */
export type Ladder = {
  dataset(): void;
  initialWeights(): void;
  /** The order of an epoch, from 1, as it stands in the memory. */
  dataOrder(epoch: number): void;
  /** Loss and reduced gradient of the current step, before the update, which may overwrite the gradient. */
  gradient(loss: number, gradient: Float32Array): void;
  /** The step, from 0, after its update. */
  step(step: number): void;
  /** The weights after an epoch, from 1. */
  epoch(epoch: number): void;
  /** The final weights; returns their digest. */
  finalWeights(): string;
};

/** Most bytes of a run's tensor digests of steps; beyond, only every so many steps have them. */
const maxTensorDigestBytes = 4 * 1024 * 1024;

/** Every how many steps tensors are digested one by one: 1, unless the run is so long that they would fill the database. */
function tensorDigestEvery({ layout, totalSteps }: Pick<TrainingPlan, "layout" | "totalSteps">): number {
  const perStep = 4 * (1 + 2 * layout.tensors.length);
  return Math.max(1, Math.ceil((perStep * totalSteps) / maxTensorDigestBytes));
}

export function createLadder(
  plan: Pick<TrainingPlan, "layout" | "totalSteps" | "digests">,
  memory: Pick<Memory, "parameters" | "order">,
  events: EventBatch,
): Ladder {
  const { layout } = plan;
  const every = tensorDigestEvery(plan);
  const { parameters } = memory;
  const trained = layout.tensors.filter(({ offset }) => offset < layout.trained);
  const namesOf = (tensors: readonly { name: string }[]) => tensors.map(({ name }) => name);
  const names = { loss: ["loss"], gradient: namesOf(trained), weights: namesOf(layout.tensors) };
  const gradientFold = new Int32Array(4 * trained.length);
  const weightFold = new Int32Array(4 * layout.tensors.length);
  const loss = new Float32Array(1);

  function weights(kind: "initialWeights" | "epoch" | "finalWeights", position: number): string {
    const digests = tensorDigestsOf(parameters, layout);
    events.tensorDigests({ kind, part: "weights", names: names.weights }, position, digests.join(""));
    return sha256(...digests.map((digest, i) => `${names.weights[i]} ${digest}\n`));
  }

  return {
    dataset: () => events.digest("dataset", 0, plan.digests.dataset),
    initialWeights: () => events.digest("initialWeights", 0, weights("initialWeights", 0)),
    dataOrder: (epoch) => events.digest("dataOrder", epoch, sha256(memory.order)),
    gradient(stepLoss, gradient) {
      loss[0] = stepLoss;
      foldTensors(gradient, trained, gradientFold);
    },
    step(step) {
      const digested = step % every === 0;
      if (digested) foldTensors(parameters, layout.tensors, weightFold);
      events.digest("step", step, digestOfStep(loss, gradientFold, digested ? weightFold : null));
      if (!digested) return;
      const part = (name: keyof typeof names, words: Int32Array) =>
        events.tensorDigests({ kind: "step", part: name, names: names[name] }, step, toHex(words));
      part("loss", new Int32Array(loss.buffer));
      part("gradient", firstWords(gradientFold));
      part("weights", firstWords(weightFold));
    },
    epoch: (epoch) => events.digest("epoch", epoch, weights("epoch", epoch)),
    finalWeights() {
      weights("finalWeights", 0);
      const digest = digestOfWeights(parameters, layout);
      events.digest("finalWeights", 0, digest);
      return digest;
    },
  };
}

const toHex = (words: Int32Array) => Buffer.from(words.buffer).toString("hex");

/** The first 32 of each tensor's 128 bits: enough to tell that it differs, short enough to keep for every step. */
const firstWords = (fold: Int32Array) =>
  Int32Array.from({ length: fold.length / 4 }, (_, tensor) => fold[4 * tensor] as number);
