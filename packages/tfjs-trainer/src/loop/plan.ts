import { availableParallelism } from "node:os";
import { canonicalJson, type Execution, type RunRequest } from "@reprise/contracts";
import { type BackendName, isHostBackend } from "../arithmetic/backends/backend-names.js";
import { chooseBackend } from "../arithmetic/backends/choose-backend.js";
import { refuseFalseNoise } from "../arithmetic/backends/execution-noise.js";
import { type StreamKey, streamKey } from "../arithmetic/streams.js";
import { digestedParameters, usedParameters } from "../hyperparameters/effective.js";
import type { EffectiveHyperparameters } from "../hyperparameters/table.js";
import type { TensorSpec } from "../models/model.js";
import { present, userError } from "../program/errors.js";
import type { Checkpoint } from "./checkpoint.js";
import { sha256 } from "./digests.js";
import { type Layout, layOut, type PlacedTensor } from "./layout.js";
import { readCheckpoint } from "./read-checkpoint.js";

/** What decides the training of any task, checked, with plain data only: it is sent to the compute threads as it is. */
export type TrainingPlan = {
  backend: BackendName;
  /** Whether the arm asks for algorithms that repeat themselves, or for the backend's own choice. */
  algorithms: Execution["algorithms"];
  hyper: EffectiveHyperparameters;
  layout: Layout;
  /** Tensor whose values are reported after every epoch. */
  lastLayer: PlacedTensor;
  /** Cases to train on, which every epoch orders anew. */
  trainIds: Int32Array;
  /** What decoded the images of the data set; null where nothing was decoded. */
  imageDecoder: string | null;
  keys: Record<"init" | "dataOrder" | "augmentation" | "dropout" | "reduction", StreamKey> & {
    /** Chooses the weight that is perturbed; absent where none is, so that digests of such runs stay as they are. */
    perturb?: StreamKey;
  };
  order: "fixed" | "permuted" | "free" | "replay";
  replay: number[][] | null;
  threads: number;
  stepsPerEpoch: number;
  totalSteps: number;
  selection: RunRequest["selection"];
  objective: RunRequest["objective"];
  checkpointEveryEpochs: number | null;
  checkpointEverySteps: number | null;
  keepWeights: RunRequest["keepWeights"];
  outputDirectory: string;
  /** State to go on from, read and checked. */
  resumeFrom: Checkpoint | null;
  digests: { configuration: string; dataset: string; seedKeys: string };
};

export const sha256OfJson = (value: unknown) => sha256(canonicalJson(value));

/** What the reader of any training's result must know, in plain sentences. */
export function trainingDisclosures({ backend, hyper, threads, order }: TrainingPlan): string[] {
  const host = isHostBackend(backend);
  const sentences = [
    host
      ? `Data parallel over ${hyper.shards} logical shards on ${threads} threads; the number of threads changes no result.`
      : `The ${hyper.shards} logical shards of a batch are computed one after another on ${backend}; gradients are summed and applied on the processor.`,
    "An incomplete last batch of an epoch is left out.",
    "trainLoss and trainAccuracy are averages over the steps of the epoch, taken while the weights change.",
  ];
  if (order === "free" && host)
    sentences.push("Shard gradients are summed in the order in which they really finished.");
  if (order === "replay") sentences.push("The summation order of an earlier run was forced.");
  return sentences;
}

function threadsFor(
  request: RunRequest,
  { backend, shards }: { backend: BackendName; shards: number },
): number {
  // A device is fed by one thread.
  if (!isHostBackend(backend)) return 1;
  const { threads } = request.resources;
  return Math.min(shards, threads === "auto" ? Math.max(2, availableParallelism()) : threads);
}

function refuseWhatCannotBe(
  request: RunRequest,
  on: { backend: BackendName; shards: number; threads: number; ranks: number | undefined },
): void {
  const { execution } = request.arm;
  if (request.resources.ranks !== (on.ranks ?? 1)) {
    throw userError(
      `Task ${request.task} runs on one rank only; given: ${request.resources.ranks}.`,
      "Set resources.ranks to 1.",
    );
  }
  if (execution.perturb && !isHostBackend(on.backend)) {
    throw userError(
      `No initial weight is perturbed on ${on.backend}, which keeps weights on its device.`,
      "Use backend wasm or cpu.",
    );
  }
  if (request.replay === null) refuseFalseNoise(execution, on);
  if (request.replay !== null && !isHostBackend(on.backend)) {
    throw userError(
      `A recorded summation order cannot be forced on ${on.backend}: its noise is not in the order of shards.`,
      "Replay runs of the wasm and cpu backends.",
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
        `The recorded order of step ${step} is not a permutation of ${shards} shards: [${row.join(", ")}].`,
      );
    }
  }
  return order;
}

/**
 * Checks what every task's training has in common and works it out. `datasetContent` is what the data set rung of the
 * ladder hashes. Throws a user error with a hint for what cannot be met.
 */
export function planTraining(
  request: RunRequest,
  given: {
    hyper: EffectiveHyperparameters;
    model: { tensors: readonly TensorSpec[]; lastLayer: string };
    trainIds: Int32Array;
    datasetContent: unknown;
    /** What decoded the images of the data set. */
    imageDecoder: string | null;
    /** Where ranks compare their batches, their number changes the result. */
    ranks?: number;
    /** Backends that the task can compute on; without them, those that share memory with our own loops. */
    backends?: readonly BackendName[];
  },
): TrainingPlan {
  const { hyper, model, trainIds } = given;
  const { shards, batchSize } = hyper;
  const { seed, repeat, noise, threshold, selection, objective } = request;
  const backend = chooseBackend(request, given.backends);
  const threads = threadsFor(request, { backend, shards });
  refuseWhatCannotBe(request, { backend, shards, threads, ranks: given.ranks });
  const stepsPerEpoch = Math.floor(trainIds.length / batchSize);
  if (stepsPerEpoch === 0) {
    const { ranks } = given;
    throw userError(
      `${ranks === undefined ? `batchSize ${batchSize}` : `batchSizePerRank × ranks, ${batchSize / ranks} × ${ranks},`} is larger than the training set (${trainIds.length} cases).`,
      `Set a smaller ${ranks === undefined ? "batchSize" : "batchSizePerRank"}.`,
    );
  }
  const totalSteps = stepsPerEpoch * hyper.epochs;
  const replay = checkReplay(request.replay?.order ?? null, totalSteps, shards);
  const layout = layOut(model.tensors);
  const varied = (source: "init" | "dataOrder" | "augmentation" | "dropout") =>
    noise[source] === "varied" ? repeat : null;
  const keys = {
    init: streamKey(seed, "init", varied("init")),
    dataOrder: streamKey(seed, "dataOrder", varied("dataOrder")),
    augmentation: streamKey(seed, "augmentation", varied("augmentation")),
    dropout: streamKey(seed, "dropout", varied("dropout")),
    reduction: streamKey(seed, "reduction", repeat),
    ...(request.arm.execution.perturb ? { perturb: streamKey(seed, "perturb", repeat) } : {}),
  };
  const digests = {
    configuration: sha256OfJson({
      task: request.task,
      dataset: request.dataset,
      parameters: digestedParameters(usedParameters(hyper, request.task)),
      ...(given.ranks === undefined ? {} : { ranks: given.ranks }),
      threshold,
      selection,
      objective: selection.epoch === "bestValidation" ? objective : null,
    }),
    dataset: sha256OfJson(given.datasetContent),
    seedKeys: sha256OfJson(keys),
  };
  return {
    backend,
    algorithms: request.arm.execution.algorithms,
    hyper,
    layout,
    lastLayer: present(
      layout.tensors.find((tensor) => tensor.name === model.lastLayer),
      model.lastLayer,
    ),
    trainIds,
    imageDecoder: given.imageDecoder,
    keys,
    order: replay ? "replay" : request.arm.execution.order,
    replay,
    threads,
    stepsPerEpoch,
    totalSteps,
    selection,
    objective,
    checkpointEveryEpochs: request.checkpointEveryEpochs,
    checkpointEverySteps: request.checkpointEverySteps,
    keepWeights: request.keepWeights,
    outputDirectory: request.outputDirectory,
    resumeFrom: request.resume ? checkpointFor(request.resume, digests, layout) : null,
    digests,
  };
}

/** The checkpoint of this very run. Throws a user error saying what differs where it belongs to another. */
function checkpointFor(
  { checkpointPath, step }: { checkpointPath: string; step: number },
  digests: TrainingPlan["digests"],
  layout: Layout,
): Checkpoint {
  const checkpoint = readCheckpoint(checkpointPath, layout);
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
