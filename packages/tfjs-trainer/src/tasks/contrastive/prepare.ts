import type { RunRequest } from "@reprise/contracts";
import { usedParameters } from "../../hyperparameters/effective.js";
import type { PreparedRun, RunSetting } from "../prepared-run.js";
import { allocateContrastiveMemory, type ContrastiveMemory } from "./memory.js";
import { type ContrastivePlan, contrastiveDisclosures, planContrastive } from "./plan.js";

export type ContrastiveWork = {
  task: "contrastive";
  plan: ContrastivePlan;
  memory: ContrastiveMemory;
};

export async function prepareContrastive(
  request: RunRequest,
  setting: RunSetting,
): Promise<PreparedRun<ContrastiveWork>> {
  const { plan, data, shown } = await planContrastive(request, setting);
  return {
    effectiveParameters: usedParameters(plan.hyper, request.task),
    disclosures: contrastiveDisclosures(plan),
    configurationDigest: plan.digests.configuration,
    compute: { backend: plan.backend, algorithms: plan.algorithms },
    threads: plan.threads,
    work: { task: "contrastive", plan, memory: allocateContrastiveMemory(plan, data) },
    pictures: shown,
  };
}
