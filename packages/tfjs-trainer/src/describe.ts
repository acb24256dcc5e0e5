import {
  type BackendProbe,
  hyperparameter,
  type MetricInfo,
  type TrainerCapabilities,
} from "@reprise/contracts";
import { z } from "zod";
import type { BackendName } from "./backends/backend-names.js";
import { noiseSourceOf } from "./backends/execution-noise.js";
import { splitMetricNames } from "./classification/plan.js";
import { contrastiveMetrics, questionsOnSets } from "./contrastive/metrics.js";
import { type DataFolders, describeDatasets, describeQuestions } from "./datasets.js";
import { hyperparameterRules } from "./hyperparameters/table.js";
import { offeredTasks } from "./tasks/prepare-run.js";
import { trainerName, trainerVersion } from "./version.js";

type Metric = Pick<MetricInfo, "label" | "direction" | "unit">;

const higher = (label: string): Metric => ({ label, direction: "maximize", unit: "fraction" });

/** What each per-split metric is; for sets of more than two classes the averages are named in brackets. */
const metrics: Record<string, Metric> = {
  Loss: { label: "loss (mean negative log-likelihood)", direction: "minimize", unit: "nats" },
  Accuracy: higher("accuracy"),
  BalancedAccuracy: higher("balanced accuracy (more than two classes: mean recall)"),
  Auc: higher("area under the ROC curve (more than two classes: macro one-vs-rest)"),
  F1: higher("F1 of the positive class (more than two classes: macro F1)"),
  Sensitivity: higher("sensitivity for the positive class (two classes only)"),
  Specificity: higher("specificity (two classes only)"),
};

/** What a probe of a backend found. */
type TriedBackend = {
  backend: BackendName;
  works: boolean;
  software: boolean;
  detail: string;
};

function announcedProbe({ backend, works, software, detail }: TriedBackend): BackendProbe {
  const onGpu = backend === "node-gpu" || (backend === "webgpu" && !software);
  return {
    backend,
    works,
    deviceClass: onGpu ? "gpu" : "cpu",
    auto: works && !software,
    detail: software ? `${detail}; a software adapter is never chosen, only asked for` : detail,
    nondeterminismSource: noiseSourceOf(backend),
  };
}

/** What the trainer can do, for `--describe`. */
export async function describeTrainer(
  folders: DataFolders,
  probes: readonly TriedBackend[],
): Promise<TrainerCapabilities> {
  const backendProbes = probes.map(announcedProbe);
  const working = backendProbes.filter(({ works }) => works);
  const chosen = working.filter(({ auto }) => auto);
  const ordered = [...chosen, ...working.filter(({ auto }) => !auto)];
  const ofSplit = (split: "validation" | "test"): MetricInfo[] =>
    splitMetricNames(true).flatMap((name) => {
      const metric = metrics[name];
      return metric ? [{ ...metric, key: `${split}${name}`, label: `${split} ${metric.label}`, split }] : [];
    });
  return {
    name: trainerName,
    version: trainerVersion,
    description:
      "The built-in trainer: TensorFlow.js on WebAssembly, data parallel over threads, bit-reproducible.",
    tasks: offeredTasks,
    backends: ordered.map(({ backend }) => backend),
    backendProbes,
    deviceClass: chosen.some(({ deviceClass }) => deviceClass === "gpu") ? "gpu" : "cpu",
    summationOrders: ["fixed", "permuted", "free"],
    hyperparameters: z.record(z.string(), hyperparameter).parse(hyperparameterRules),
    metrics: [
      {
        key: "trainLoss",
        label: "training loss (mean over the epoch)",
        direction: "minimize",
        unit: "nats",
        split: "train",
      },
      { ...higher("training accuracy (mean over the epoch)"), key: "trainAccuracy", split: "train" },
      ...ofSplit("validation"),
      ...ofSplit("test"),
      ...contrastiveMetrics,
      ...questionsOnSets(await describeQuestions(folders)),
    ],
    datasets: await describeDatasets(folders),
    replay: true,
    resume: true,
    nondeterminismSource: noiseSourceOf(
      probes.find(({ works, software }) => works && !software)?.backend ?? "cpu",
    ),
  };
}
