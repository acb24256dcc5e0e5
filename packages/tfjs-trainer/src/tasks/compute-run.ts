import type { TrainingResult } from "../loop/training.js";
import { computeClassification } from "./classification/compute.js";
import type { ComputeThread } from "./compute-thread.js";
import { computeContrastive } from "./contrastive/compute.js";
import { computeEvaluation } from "./evaluation/compute.js";
import type { Work } from "./work.js";

/** The compute part of each task. On thread 0 it ends with the run's result, on others it helps for ever. */
export function computeRun(work: Work, thread: ComputeThread): Promise<TrainingResult> {
  switch (work.task) {
    case "classification":
      return computeClassification(work, thread);
    case "contrastive":
      return computeContrastive(work, thread);
    case "evaluation":
      return computeEvaluation(work, thread);
  }
}
