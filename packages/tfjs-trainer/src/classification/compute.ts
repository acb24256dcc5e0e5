import { reportEnvironment } from "../environment.js";
import { initialise } from "../layout.js";
import { arrivalOrder, helpForever, publishStep, workOnStep } from "../step-threads.js";
import type { ComputeThread } from "../tasks/compute-run.js";
import { type TrainingResult, train } from "../training.js";
import { createWeights } from "../weights.js";
import { createClassificationEvaluation } from "./evaluation.js";
import type { ClassificationWork } from "./prepare.js";
import { createShardComputer } from "./shard-computer.js";

/** A compute thread's part of a classifier's run. */
export async function computeClassification(
  { plan, memory }: ClassificationWork,
  { thread, backend, post }: ComputeThread,
): Promise<TrainingResult> {
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
    evaluation: createClassificationEvaluation(plan, memory, { backend, weights }),
  });
}
