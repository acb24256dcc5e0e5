import type { RunRequest } from "@reprise/contracts";
import { picturesOf } from "../../data/thumbnails.js";
import { usedParameters } from "../../hyperparameters/effective.js";
import type { PreparedRun, RunSetting } from "../prepared-run.js";
import { allocateClassificationMemory, type ClassificationMemory } from "./memory.js";
import { type ClassificationPlan, classificationDisclosures, planClassification } from "./plan.js";

export type ClassificationWork = {
  task: "classification";
  plan: ClassificationPlan;
  memory: ClassificationMemory;
};

export async function prepareClassification(
  request: RunRequest,
  setting: RunSetting,
): Promise<PreparedRun<ClassificationWork>> {
  const { plan, dataset } = await planClassification(request, setting);
  return {
    effectiveParameters: usedParameters(plan.hyper, request.task),
    disclosures: classificationDisclosures(plan),
    configurationDigest: plan.digests.configuration,
    compute: { backend: plan.backend, algorithms: plan.algorithms },
    threads: plan.threads,
    work: { task: "classification", plan, memory: allocateClassificationMemory(plan, dataset) },
    pictures: picturesOf(dataset, plan.splitIds, plan.caseNames),
  };
}
