import type { TrainerEvent } from "@reprise/contracts";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import type { Device } from "../../arithmetic/device/device.js";
import { reportEnvironment } from "../../loop/environment.js";
import { initialise } from "../../loop/layout.js";
import { type TrainingResult, train } from "../../loop/training.js";
import { userError } from "../../program/errors.js";
import { createClassificationAssessment } from "./assessment.js";
import { deviceScoring } from "./device-scorer.js";
import { createDeviceShard, createDeviceWeights } from "./device-step.js";
import type { ClassificationPlan } from "./plan.js";
import type { ClassificationWork } from "./prepare.js";

/** Shards are queued on the device one after another; their gradients are read back and summed on the processor. */
export async function computeOnDevice(
  { plan, memory }: ClassificationWork,
  { device, post }: { device: Device; post: (events: TrainerEvent[]) => void },
): Promise<TrainingResult> {
  const weights = createDeviceWeights(plan, memory);
  const computeShard = createDeviceShard(plan, memory, weights);
  const shards = Uint8Array.from({ length: plan.hyper.shards }, (_, shard) => shard);
  await reportEnvironment(plan, post, device.facts);
  return train(plan, memory, {
    post,
    initialise: () => initialise(memory.parameters, plan.layout, plan.keys.init),
    async computeStep(step, batchStart) {
      weights.load();
      await Promise.all(Array.from(shards, (shard) => computeShard({ shard, step, batchStart })));
      refuseOrderedPrograms(plan, device);
      return shards;
    },
    assessment: createClassificationAssessment(plan, memory, deviceScoring(plan, memory, weights)),
  });
}

/** A nondeterministic run none of whose programs adds in a free order would be deterministic under a false name. */
function refuseOrderedPrograms({ algorithms, backend }: ClassificationPlan, device: Device): void {
  if (algorithms === "deterministic" || device.unorderedPrograms()?.size !== 0) return;
  throw userError(
    `This model repeats itself to the bit on ${backend}, whatever the algorithms: none of its matrix products is of a shape for which float atomics are used.`,
    "Use a deterministic arm here, or the wasm backend with order free.",
  );
}
