import { readFileSync } from "node:fs";
import { canonicalJson, decodeTensorFile, modeOf, type RunRequest } from "@reprise/contracts";
import { picturesOf } from "../../data/thumbnails.js";
import {
  digestedParameters,
  effectiveHyperparameters,
  usedParameters,
} from "../../hyperparameters/effective.js";
import { digestOfWeights } from "../../loop/digests.js";
import { sha256OfJson } from "../../loop/plan.js";
import { placeWeights } from "../../loop/weights-file.js";
import { userError } from "../../program/errors.js";
import { allocateClassificationMemory, type ClassificationMemory } from "../classification/memory.js";
import { type ClassificationPlan, planClassification } from "../classification/plan.js";
import type { PreparedRun, RunSetting } from "../prepared-run.js";

type Source = NonNullable<RunRequest["evaluate"]>;

export type EvaluationWork = {
  task: "evaluation";
  plan: ClassificationPlan;
  /** Holds the weights that are evaluated. */
  memory: ClassificationMemory;
  /** Epoch after which the source kept them. */
  epoch: number;
};

/** The run whose weights are evaluated. Throws a user error for what cannot be evaluated, with the reason. */
function sourceOf(request: RunRequest): Source {
  const { evaluate: source, arm, dataset } = request;
  if (!source)
    throw userError("An evaluation needs a run to evaluate.", "Set the hyperparameter sourceRun to its id.");
  if (source.task !== "classification") {
    throw userError(
      `Run ${source.runId} was trained for task ${source.task}; only classifiers are evaluated by themselves.`,
    );
  }
  if (canonicalJson(dataset) !== canonicalJson(source.dataset)) {
    throw userError(
      `Run ${source.runId} was trained on ${canonicalJson(source.dataset)}, this evaluation is of ${canonicalJson(dataset)}: cases that it was trained on could be among those it is tested on.`,
      "Name the run's own data set and split.",
    );
  }
  if (arm.execution.order !== "fixed" || modeOf(arm.execution) === "nondeterministic") {
    throw userError(
      "An evaluation sums no gradients: in no order is anything left free, and its repeats are equal to the bit.",
      "Use a deterministic arm with order fixed.",
    );
  }
  return source;
}

function readWeights({ runId, weightsPath }: Source, plan: ClassificationPlan): Float32Array {
  try {
    const { tensors } = decodeTensorFile(readFileSync(weightsPath));
    return placeWeights(new Map(tensors.map((tensor) => [tensor.name, tensor])), plan.layout);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw userError(`The weights of run ${runId} cannot be evaluated: ${reason}`);
  }
}

/** Reads the weights of a run, and its data as that run split them. */
export async function prepareEvaluation(
  request: RunRequest,
  setting: RunSetting,
): Promise<PreparedRun<EvaluationWork>> {
  const own = usedParameters(effectiveHyperparameters(request.parameters, request.task), request.task);
  const source = sourceOf(request);
  const { parameters, seed, repeat, noise } = source;
  const { plan, dataset } = await planClassification(
    {
      ...request,
      ...{ task: "classification", parameters, seed, repeat, noise },
      ...{ objective: null, selection: { epoch: "last" }, resume: null, replay: null },
    },
    setting,
  );
  const memory = allocateClassificationMemory(plan, dataset);
  memory.parameters.set(readWeights(source, plan));
  const digest = digestOfWeights(memory.parameters, plan.layout);
  if (source.digest !== null && digest !== source.digest) {
    throw userError(
      `The stored weights of run ${source.runId} have digest ${digest}, the run ended with ${source.digest}.`,
      "Train the run again: its file is not what it was.",
    );
  }
  return {
    effectiveParameters: { ...parameters, ...own },
    disclosures: [
      `Evaluates the final weights of run ${source.runId}; nothing is trained.`,
      `Inference on ${plan.backend} is deterministic: repeats are equal to the bit, and all spread of such runs' metrics is training's.`,
      ...plan.dataRemarks,
    ],
    configurationDigest: sha256OfJson({
      ...{ task: request.task, dataset: request.dataset, threshold: request.threshold },
      ...{ parameters: digestedParameters(parameters), weights: digest },
    }),
    compute: { backend: plan.backend, algorithms: plan.algorithms },
    threads: 1,
    work: { task: "evaluation", plan, memory, epoch: source.epoch },
    pictures: picturesOf(dataset, plan.splitIds, plan.caseNames),
  };
}
