import type { TrainerEvent } from "@reprise/contracts";
import type { HostBackend } from "../../arithmetic/kernels/wasm-context.js";
import { reportEnvironment } from "../../loop/environment.js";
import { initialise } from "../../loop/layout.js";
import { arrivalOrder, helpForever, publishStep, workOnStep } from "../../loop/step-threads.js";
import { type TrainingResult, train } from "../../loop/training.js";
import { createWeights } from "../../loop/weights.js";
import { createClassificationAssessment } from "./assessment.js";
import type { ClassificationWork } from "./prepare.js";
import { hostScoring } from "./scorer.js";
import { createShardComputer } from "./shard-computer.js";

/** Shards are spread over threads; thread 0 coordinates, the others help for ever. */
export async function computeOnHost(
  { plan, memory }: ClassificationWork,
  given: { thread: number; backend: HostBackend; post: (events: TrainerEvent[]) => void },
): Promise<TrainingResult> {
  const { thread, backend, post } = given;
  const weights = createWeights(plan.layout, memory, backend);
  const compute = createShardComputer(plan, memory, { backend, weights });
  const share = { thread, threads: plan.threads, compute, loadWeights: weights.load };
  if (thread > 0) helpForever(memory, share);
  await reportEnvironment(plan, post);
  return train(plan, memory, {
    post,
    initialise: () => initialise(memory.parameters, plan.layout, plan.keys.init),
    computeStep(step, batchStart) {
      publishStep(memory, step, batchStart);
      workOnStep(memory, share);
      return arrivalOrder(memory);
    },
    assessment: createClassificationAssessment(plan, memory, hostScoring(plan, memory, { backend, weights })),
  });
}
