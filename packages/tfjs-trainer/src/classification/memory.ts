import type { Dataset } from "../datasets.js";
import { allocateMemory, floats, integers, type Memory } from "../memory.js";
import { applyScaling } from "../standardisation.js";
import type { ClassificationPlan } from "./plan.js";

/** The shared memory of a classifier's run. */
export interface ClassificationMemory extends Memory {
  /** [cases × features], scaled. */
  features: Float32Array;
  labels: Int32Array;
}

export function allocateClassificationMemory(
  plan: Pick<ClassificationPlan, "hyper" | "layout" | "trainIds" | "scaling">,
  dataset: Dataset,
): ClassificationMemory {
  const features = floats(dataset.features.length);
  applyScaling(dataset, plan.scaling, features);
  const labels = integers(dataset.cases);
  labels.set(dataset.labels);
  return { ...allocateMemory(plan), features, labels };
}
