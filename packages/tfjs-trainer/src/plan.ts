import { availableParallelism } from "node:os";
import { canonicalJson, didYouMean, modeOf, type RunRequest } from "@reprise/contracts";
import type { Checkpoint } from "./checkpoint.js";
import { type Dataset, loadDataset } from "./datasets.js";
import { sha256 } from "./digests.js";
import { userError } from "./errors.js";
import {
  type EffectiveHyperparameters,
  effectiveHyperparameters,
  usedParameters,
} from "./hyperparameters.js";
import { type Layout, layOut } from "./layout.js";
import { buildModel } from "./models/build-model.js";
import { readCheckpoint } from "./read-checkpoint.js";
import { type SplitIds, stratifiedSplit } from "./split.js";
import { fitScaling, type Scaling } from "./standardisation.js";
import { type StreamKey, streamKey } from "./streams.js";

/** Everything that decides a run, checked, with plain data only: it is sent to the compute threads as it is. */
export interface RunPlan {
  hyper: EffectiveHyperparameters;
  inputShape: number[];
  classes: string[];
  positiveClass: number | null;
  layout: Layout;
  splitIds: SplitIds;
  scaling: Scaling;
  keys: { init: StreamKey; dataOrder: StreamKey; dropout: StreamKey; reduction: StreamKey };
  order: "fixed" | "permuted" | "free" | "replay";
  replay: number[][] | null;
  threads: number;
  stepsPerEpoch: number;
  totalSteps: number;
  threshold: RunRequest["threshold"];
  selection: RunRequest["selection"];
  objective: RunRequest["objective"];
  checkpointEveryEpochs: number | null;
  outputDirectory: string;
  /** State to go on from, read and checked. */
  resumeFrom: Checkpoint | null;
  digests: { configuration: string; dataset: string; seedKeys: string };
}

const sha256OfJson = (value: unknown) => sha256(canonicalJson(value));

/** What the reader of a result must know, in plain sentences. */
export function disclosures(plan: RunPlan): string[] {
  const { hyper, threads } = plan;
  const sentences = [
    `Data parallel over ${hyper.shards} logical shards on ${threads} threads; the number of threads changes no result.`,
    "An incomplete last batch of an epoch is left out.",
    "trainLoss and trainAccuracy are averages over the steps of the epoch, taken while the weights change.",
  ];
  if (hyper.batchNorm) {
    sentences.push(
      `Batch normalisation uses the statistics of one shard (${hyper.batchSize / hyper.shards} cases on average), not of the batch; running statistics average the shards in index order.`,
    );
  }
  if (plan.order === "free")
    sentences.push("Shard gradients are summed in the order in which they really finished.");
  if (plan.order === "replay") sentences.push("The summation order of an earlier run was forced.");
  return sentences;
}

function threadsFor(request: RunRequest, shards: number): number {
  const { threads } = request.resources;
  return Math.min(shards, threads === "auto" ? Math.max(2, availableParallelism()) : threads);
}

function refuseWhatCannotBe(request: RunRequest, shards: number, threads: number): void {
  const { execution } = request.arm;
  if (request.task !== "classification") {
    throw userError(
      `The tfjs trainer cannot do task "${request.task}".`,
      "It trains classifiers: task classification.",
    );
  }
  if (request.backend !== "auto" && request.backend !== "wasm") {
    throw userError(
      `Backend "${request.backend}" is not available in this trainer.`,
      "Use backend auto or wasm; a run that asks for another device is never moved silently.",
    );
  }
  if (request.resources.ranks !== 1)
    throw userError("The tfjs trainer runs one rank only.", "Set resources.ranks to 1.");
  if (execution.order === "free" && request.replay === null) {
    if (threads < 2) {
      throw userError(
        "Order free needs at least 2 threads: a single thread always finishes its shards in the same order.",
        "Set resources.threads to 2 or more, or use order fixed or permuted.",
      );
    }
    if (shards < 3) {
      throw userError(
        `Order free needs at least 3 shards: the sum of ${shards} does not depend on their order.`,
        "Set shards to 3 or more.",
      );
    }
  } else if (request.replay === null && modeOf(execution) === "nondeterministic") {
    throw userError(
      `Order ${execution.order} is deterministic on the wasm backend, whatever its other settings: it has no other source of nondeterminism.`,
      "Use order free for a nondeterministic arm.",
    );
  }
}

function checkReplay(order: number[][] | null, totalSteps: number, shards: number): number[][] | null {
  if (order === null) return null;
  if (order.length !== totalSteps) {
    throw userError(
      `The recorded order has ${order.length} steps, this run has ${totalSteps}.`,
      "Replay the same configuration.",
    );
  }
  const expected = Array.from({ length: shards }, (_, i) => i).join();
  for (const [step, row] of order.entries()) {
    if ([...row].sort((a, b) => a - b).join() !== expected) {
      throw userError(
        `The recorded order of step ${step} is no permutation of ${shards} shards: [${row.join(", ")}].`,
      );
    }
  }
  return order;
}

function checkDecision(request: RunRequest, validationCases: number): void {
  const { threshold, selection, objective } = request;
  if (validationCases === 0 && (threshold.rule !== "fixed" || selection.epoch === "bestValidation")) {
    throw userError(
      "The threshold or the epoch is to be chosen on validation data, but the split has none.",
      "Give validation a share.",
    );
  }
  if (selection.epoch !== "bestValidation") return;
  if (!objective?.metric.startsWith("validation")) {
    throw userError(
      `Selection bestValidation needs an objective on validation; given: ${objective?.metric ?? "none"}.`,
      "Set objective, for example { metric: validationAuc, direction: maximize }.",
    );
  }
}

/**
 * Checks a request and works out the run it asks for. Throws a user error with a hint for everything that cannot be
 * met. `datasets` is the folder of the bundled data.
 */
export function makePlan(request: RunRequest, datasets: string): { plan: RunPlan; dataset: Dataset } {
  const hyper = effectiveHyperparameters(request.parameters);
  const { shards, batchSize } = hyper;
  const threads = threadsFor(request, shards);
  refuseWhatCannotBe(request, shards, threads);
  const dataset = loadDataset(request.dataset.name, datasets);
  const { split } = request.dataset;
  const { seed, repeat, noise } = request;
  const splitKey =
    noise.split === "varied" ? streamKey(seed, "split", repeat) : streamKey(split.seed, "split", null);
  const splitIds = stratifiedSplit(dataset, split, splitKey);
  const rowsPerShard = Math.floor(batchSize / shards);
  const needed = hyper.batchNorm ? 2 : 1;
  if (rowsPerShard < needed) {
    throw userError(
      `batchSize ${batchSize} leaves a shard ${rowsPerShard} case(s), but ${hyper.batchNorm ? "batch norm " : ""}needs ${needed} in each of ${shards} shards.`,
      `Set batchSize to at least ${needed * shards}, or shards to at most ${Math.floor(batchSize / needed)}.`,
    );
  }
  const stepsPerEpoch = Math.floor(splitIds.train.length / batchSize);
  if (stepsPerEpoch === 0) {
    throw userError(
      `batchSize ${batchSize} is larger than the training set (${splitIds.train.length} cases).`,
      "Set a smaller batchSize.",
    );
  }
  checkDecision(request, splitIds.validation.length);
  const totalSteps = stepsPerEpoch * hyper.epochs;
  const replay = checkReplay(request.replay?.order ?? null, totalSteps, shards);
  const scaling = fitScaling(dataset, splitIds.train);
  const layout = layOut(buildModel(hyper, dataset.inputShape, dataset.classes.length).tensors);
  const { threshold, selection, objective } = request;
  if (objective && selection.epoch === "bestValidation")
    checkMetric(objective.metric, dataset.positiveClass !== null);
  const varied = (source: "init" | "dataOrder" | "dropout") => (noise[source] === "varied" ? repeat : null);
  const keys = {
    init: streamKey(seed, "init", varied("init")),
    dataOrder: streamKey(seed, "dataOrder", varied("dataOrder")),
    dropout: streamKey(seed, "dropout", varied("dropout")),
    reduction: streamKey(seed, "reduction", repeat),
  };
  const digests = {
    configuration: sha256OfJson({
      task: request.task,
      dataset: request.dataset,
      parameters: usedParameters(hyper),
      threshold,
      selection,
      objective: selection.epoch === "bestValidation" ? objective : null,
    }),
    dataset: sha256OfJson({
      content: dataset.digest,
      train: [...splitIds.train],
      validation: [...splitIds.validation],
      test: [...splitIds.test],
      scaling,
    }),
    seedKeys: sha256OfJson(keys),
  };
  const plan: RunPlan = {
    hyper,
    inputShape: dataset.inputShape,
    classes: dataset.classes,
    positiveClass: dataset.positiveClass,
    layout,
    splitIds,
    scaling,
    keys,
    order: replay ? "replay" : request.arm.execution.order,
    replay,
    threads,
    stepsPerEpoch,
    totalSteps,
    threshold,
    selection,
    objective,
    checkpointEveryEpochs: request.checkpointEveryEpochs,
    outputDirectory: request.outputDirectory,
    resumeFrom: request.resume ? checkpointFor(request.resume, digests) : null,
    digests,
  };
  return { plan, dataset };
}

/** Names of the per-split metrics; sensitivity and specificity exist only where a positive class is declared. */
export function splitMetricNames(binary: boolean): string[] {
  const both = ["Loss", "Accuracy", "BalancedAccuracy", "Auc", "F1"];
  return binary ? [...both, "Sensitivity", "Specificity"] : both;
}

/** The checkpoint of this very run. Throws a user error saying what differs where it belongs to another. */
function checkpointFor(
  { checkpointPath, step }: { checkpointPath: string; step: number },
  digests: RunPlan["digests"],
): Checkpoint {
  const checkpoint = readCheckpoint(checkpointPath);
  const names = {
    configuration: "configuration",
    dataset: "dataset or split",
    seedKeys: "seed, noise or repeat",
  };
  for (const key of ["configuration", "dataset", "seedKeys"] as const) {
    if (checkpoint[key] !== digests[key]) {
      throw userError(
        `Checkpoint ${checkpointPath} belongs to another ${names[key]}.`,
        "Resume from this run's own checkpoint.",
      );
    }
  }
  if (checkpoint.step !== step) {
    throw userError(
      `Checkpoint ${checkpointPath} is of step ${checkpoint.step}, not ${step}.`,
      "Name the checkpoint's own step.",
    );
  }
  return checkpoint;
}

function checkMetric(metric: string, binary: boolean): void {
  const known = splitMetricNames(binary).map((name) => `validation${name}`);
  if (!known.includes(metric))
    throw userError(`Unknown objective metric "${metric}".`, didYouMean(metric, known));
}
