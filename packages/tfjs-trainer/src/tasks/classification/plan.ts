import { dataKindOf, didYouMean, type RunRequest } from "@reprise/contracts";
import { backendNames } from "../../arithmetic/backends/backend-names.js";
import { streamKey } from "../../arithmetic/streams.js";
import { type CaseColumns, caseColumnsOf } from "../../data/case-columns.js";
import { type Dataset, loadDataset } from "../../data/datasets.js";
import { type SplitIds, stratifiedSplit } from "../../data/split.js";
import { type Scaling, scalingOf } from "../../data/standardisation.js";
import { effectiveHyperparameters, refuseMisfits } from "../../hyperparameters/effective.js";
import type { EffectiveHyperparameters } from "../../hyperparameters/table.js";
import { sha256 } from "../../loop/digests.js";
import { planTraining, type TrainingPlan, trainingDisclosures } from "../../loop/plan.js";
import { buildModel } from "../../models/build-model.js";
import { userError } from "../../program/errors.js";
import { metricsWhere } from "../metric-table.js";
import type { RunSetting } from "../prepared-run.js";

/** Everything that decides a classifier's run. */
export type ClassificationPlan = TrainingPlan & {
  inputShape: number[];
  classes: string[];
  positiveClass: number | null;
  splitIds: SplitIds;
  /** Cases whose activations are reported after every epoch; mostly none. */
  probeIds: Int32Array;
  scaling: Scaling;
  /** Byte of full brightness, of images. */
  white: number;
  /** What the source calls the cases; null: row numbers. */
  caseNames: string[] | null;
  /** What the cases came from, and what results are shown apart for: by name, a text per case. */
  caseColumns: CaseColumns;
  /** What was remarked while the data were read. */
  dataRemarks: string[];
  threshold: RunRequest["threshold"];
};

/** What the reader of a classifier's result must know, in plain sentences. */
export function classificationDisclosures(plan: ClassificationPlan): string[] {
  const { batchNorm, batchSize, shards } = plan.hyper;
  const sentences = [...trainingDisclosures(plan), ...plan.dataRemarks];
  if (batchNorm) {
    sentences.push(
      `Batch normalisation uses the statistics of one shard (${batchSize / shards} cases on average), not of the batch; running statistics average the shards in index order.`,
    );
  }
  return sentences;
}

function checkMetric(metric: string, hasPositive: boolean): void {
  const known = metricsWhere(hasPositive).map(({ name }) => `validation${name}`);
  if (!known.includes(metric))
    throw userError(`Unknown objective metric "${metric}".`, didYouMean(metric, known));
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

/** Batch norm needs a variance: two cases in every shard. */
function checkShardSize({ batchSize, shards, batchNorm }: EffectiveHyperparameters): void {
  const rowsPerShard = Math.floor(batchSize / shards);
  const needed = batchNorm ? 2 : 1;
  if (rowsPerShard >= needed) return;
  throw userError(
    `batchSize ${batchSize} leaves a shard ${rowsPerShard} case(s), but ${batchNorm ? "batch norm " : ""}needs ${needed} in each of ${shards} shards.`,
    `Set batchSize to at least ${needed * shards}, or shards to at most ${Math.floor(batchSize / needed)}.`,
  );
}

/** The first test cases by id, whatever the seed, so that runs can be compared case by case. */
function chooseProbe(request: RunRequest, { test, cases }: { test: Int32Array; cases: number }): Int32Array {
  if (cases > 0 && request.noise.split === "varied") {
    throw userError(
      `probeCases ${cases} needs the same test cases in all repeats, but noise.split is varied.`,
      "Set noise.split to fixed, or probeCases to 0.",
    );
  }
  if (cases > test.length) {
    throw userError(
      `probeCases ${cases} is more than the ${test.length} test cases.`,
      `Set probeCases to at most ${test.length}.`,
    );
  }
  return test.toSorted().slice(0, cases);
}

/**
 * Checks a request and works out the run it asks for. Throws a user error with a hint for everything that cannot be
 * met.
 */
export async function planClassification(
  request: RunRequest,
  { folders, report, warn }: RunSetting,
): Promise<{ plan: ClassificationPlan; dataset: Dataset }> {
  const hyper = effectiveHyperparameters(request.parameters, request.task);
  checkShardSize(hyper);
  const { imageSize } = hyper;
  const dataset = await loadDataset(request.dataset.name, folders, { imageSize, report, warn });
  refuseMisfits(hyper, { task: request.task, data: dataKindOf(dataset.inputShape) });
  const { split } = request.dataset;
  const { seed, repeat, noise, threshold, selection, objective } = request;
  const splitKey =
    noise.split === "varied" ? streamKey(seed, "split", repeat) : streamKey(split.seed, "split", null);
  const splitIds = stratifiedSplit(dataset, split, splitKey);
  checkDecision(request, splitIds.validation.length);
  if (objective && selection.epoch === "bestValidation")
    checkMetric(objective.metric, dataset.positiveClass !== null);
  const probeIds = chooseProbe(request, { test: splitIds.test, cases: hyper.probeCases });
  const scaling = scalingOf(dataset, splitIds.train, hyper);
  const training = planTraining(request, {
    hyper,
    model: buildModel(hyper, dataset.inputShape, dataset.classes.length),
    trainIds: splitIds.train,
    imageDecoder: dataset.decoder,
    backends: backendNames,
    datasetContent: {
      content: dataset.digest,
      decoded: dataset.decodedDigest,
      inputShape: dataset.inputShape,
      classes: dataset.classes,
      positiveClass: dataset.positiveClass,
      labels: sha256(dataset.labels),
      train: [...splitIds.train],
      validation: [...splitIds.validation],
      test: [...splitIds.test],
      scaling,
    },
  });
  const { inputShape, classes, positiveClass, white, caseNames, remarks: dataRemarks } = dataset;
  return {
    plan: {
      ...training,
      ...{
        inputShape,
        classes,
        positiveClass,
        splitIds,
        probeIds,
        scaling,
        white,
        caseNames,
        caseColumns: caseColumnsOf(dataset),
        dataRemarks,
        threshold,
      },
    },
    dataset,
  };
}
