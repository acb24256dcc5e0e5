import {
  type DatasetInfo,
  dataKindOf,
  effectiveValues,
  type MetricInfo,
  misfit,
  type ParameterValue,
} from "@reprise/contracts";
import type { Announced, Draft } from "./draft.js";
import { unusedBecause } from "./used-when.js";

/** Something to choose, and why this study cannot have it; null where it can. */
export type Offer = { value: string; label: string; description: string; why: string | null };

const kindWords = { table: "a table of numbers", images: "images" };

/** Why no value but one makes sense of a hyperparameter on the data of the study, as of an augmentation of tables. */
function pointlessOn(
  name: string,
  { hyperparameters }: Announced,
  dataset: DatasetInfo | undefined,
): string | null {
  const data = dataset ? dataKindOf(dataset.inputShape) : null;
  const only = hyperparameters[name]?.fits?.find((fit) => fit.data === data && fit.when === undefined);
  return data !== null && only && only.values.length === 1 ? `not for ${kindWords[data]}` : null;
}

/** Hyperparameters of the names given, first by whether the study can have them. */
export function hyperparametersFor(
  names: readonly string[],
  draft: Draft,
  announced: Announced,
  dataset: DatasetInfo | undefined,
): Offer[] {
  return names.map((name) => {
    const info = announced.hyperparameters[name];
    const why = unusedBecause(info, draft, announced) ?? pointlessOn(name, announced, dataset);
    return { value: name, label: name, description: info?.description ?? "", why };
  });
}

/** The choices of a hyperparameter that fit the task, the data and what the study shares. */
export function choicesFor(
  name: string,
  draft: Draft,
  { hyperparameters }: Announced,
  dataset: DatasetInfo | undefined,
): string[] | undefined {
  const choices = hyperparameters[name]?.choices;
  const data = dataset ? dataKindOf(dataset.inputShape) : null;
  const shared: Record<string, ParameterValue> = effectiveValues(hyperparameters, draft.base);
  return choices?.filter(
    (choice) =>
      misfit(hyperparameters, name, { values: { ...shared, [name]: choice }, task: draft.task, data }) ===
      null,
  );
}

function whyNoMetric(metric: MetricInfo, draft: Draft, dataset: DatasetInfo | undefined): string | null {
  if (metric.tasks && !metric.tasks.includes(draft.task)) return `not reported by task ${draft.task}`;
  if (draft.task === "classification" && metric.binaryOnly && dataset?.positiveClass === null)
    return `${dataset.title} has no positive class`;
  return null;
}

/** Metrics to plan by: those of held-out parts, of tests first. */
export function metricsFor(draft: Draft, announced: Announced, dataset: DatasetInfo | undefined): Offer[] {
  const rank = ({ split }: MetricInfo) => (split === "test" ? 0 : 1);
  return announced.metrics
    .filter(({ split }) => split !== "train")
    .toSorted((a, b) => rank(a) - rank(b))
    .map((metric) => ({
      value: metric.key,
      label: metric.label,
      description: metric.key,
      why: whyNoMetric(metric, draft, dataset),
    }));
}

/** Data sets of the trainer; those that no worker has come after the others. */
export function datasetsFor(
  announced: Announced,
  datasets: readonly DatasetInfo[],
  trainer: string,
): Offer[] {
  return datasets.map(({ name, title, available }) => {
    const isKnown = announced.datasets === null || announced.datasets.includes(name);
    const why = isKnown ? (available ? null : "not on any worker") : `trainer ${trainer} does not know it`;
    return { value: name, label: title, description: name, why };
  });
}
