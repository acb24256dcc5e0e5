import type { ImageBlocks } from "../../data/datasets/image-blocks.js";
import type { Dataset } from "../../data/datasets.js";
import { applyScaling } from "../../data/standardisation.js";
import { allocateMemory, floats, integers, type Memory } from "../../loop/memory.js";
import type { ClassificationPlan } from "./plan.js";

/** The shared memory of a classifier's run. */
export type ClassificationMemory = Memory & {
  /** Scaled numbers of a table, [cases × features], or images. */
  features: Float32Array | ImageBlocks;
  labels: Int32Array;
};

export function allocateClassificationMemory(
  plan: Pick<ClassificationPlan, "hyper" | "layout" | "trainIds" | "scaling">,
  dataset: Pick<Dataset, "cases" | "features" | "labels">,
): ClassificationMemory {
  let { features } = dataset;
  if (features instanceof Float32Array) {
    const scaled = floats(features.length);
    applyScaling({ features }, plan.scaling, scaled);
    features = scaled;
  }
  const labels = integers(dataset.cases);
  labels.set(dataset.labels);
  return { ...allocateMemory(plan), features, labels };
}
