import {
  type BackendProbe,
  hyperparameter,
  type MetricInfo,
  type TrainerCapabilities,
} from "@reprise/contracts";
import { z } from "zod";
import type { BackendName } from "../arithmetic/backends/backend-names.js";
import { noiseSourceOf } from "../arithmetic/backends/execution-noise.js";
import { type DataFolders, describeDatasets, describeQuestions } from "../data/datasets.js";
import { hyperparameterRules } from "../hyperparameters/table.js";
import { contrastiveMetrics, questionsOnSets } from "../tasks/contrastive/metrics.js";
import { announced, splitMetrics, trainingMetrics } from "../tasks/metric-table.js";
import { offeredTasks } from "../tasks/prepare-run.js";
import { trainerName, trainerVersion } from "../version.js";

/** Metrics of classifiers, on each split that is evaluated. */
const classifierMetrics: MetricInfo[] = (["validation", "test"] as const).flatMap((split) =>
  splitMetrics.map((row) =>
    announced(row, { key: `${split}${row.name}`, label: `${split} ${row.label}`, split }),
  ),
);

/** Metrics that some tasks alone report. */
const of = (tasks: MetricInfo["tasks"], metrics: readonly MetricInfo[]): MetricInfo[] =>
  metrics.map((metric) => ({ ...metric, tasks }));

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
      ...trainingMetrics,
      ...of(["classification", "evaluation"], classifierMetrics),
      ...of(["contrastive", "evaluation"], contrastiveMetrics),
      ...of(["contrastive", "evaluation"], questionsOnSets(await describeQuestions(folders))),
    ],
    datasets: await describeDatasets(folders),
    replay: true,
    resume: true,
    startsAhead: true,
    nondeterminismSource: noiseSourceOf(
      probes.find(({ works, software }) => works && !software)?.backend ?? "cpu",
    ),
  };
}
