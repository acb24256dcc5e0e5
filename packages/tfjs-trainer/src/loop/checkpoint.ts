import { join } from "node:path";
import { checkpointStatePrefix, encodeNumber, encodeTensorFile, type FiledTensor } from "@reprise/contracts";
import { sha256 } from "./digests.js";
import type { Layout } from "./layout.js";
import { bytesOf, filedTensors, writeWhole } from "./weights-file.js";

export const checkpointFormat = "reprise-checkpoint-3";

/** Scores by the name of what was scored (validation, test, …): one row per case. */
export type Scores = Record<string, number[][]>;

/** Scores of the epoch that selection holds on to. */
export type HeldScores = {
  epoch: number;
  objective: number | null;
  scores: Scores;
};

/** Sums over the steps of an epoch, which its training metrics are made of. */
export type EpochSums = {
  loss: number;
  right: number;
};

/** State between two steps: all that the rest of the run depends on. */
export type Checkpoint = {
  configuration: string;
  dataset: string;
  /** Digest of the run's stream keys: the streams are counter-based, so their position is the step itself. */
  seedKeys: string;
  /** Whole epochs and steps made. */
  epoch: number;
  step: number;
  /** Of the epoch that has begun; zeros at the end of one. */
  sums: EpochSums;
  held: HeldScores | null;
  parameters: Float32Array;
  optimizer: Record<string, Float32Array>;
  /** [steps × shards]: the summation order so far. */
  orders: Uint8Array;
};

/** Names of what is no weight. */
export const stateNames = {
  sums: `${checkpointStatePrefix}sums`,
  orders: `${checkpointStatePrefix}orders`,
  optimizer: `${checkpointStatePrefix}optimizer/`,
  held: `${checkpointStatePrefix}held/`,
} as const;

const float32 = (name: string, values: Float32Array): FiledTensor => ({
  name,
  dtype: "F32",
  shape: [values.length],
  bytes: bytesOf(values),
});

/** Float64 keeps every bit of a sum or score, NaN and infinities included. */
const float64 = (name: string, shape: number[], values: Float64Array): FiledTensor => ({
  name,
  dtype: "F64",
  shape,
  bytes: bytesOf(values),
});

/**
 * Writes a checkpoint, a tensor file with every weight under its name, so that a crash leaves either the whole file or
 * none. Returns its path.
 */
export function writeCheckpoint(folder: string, checkpoint: Checkpoint, layout: Layout): string {
  const { parameters, optimizer, orders, sums, held, ...rest } = checkpoint;
  const tensors = [
    ...filedTensors(parameters, layout),
    ...Object.entries(optimizer).map(([name, state]) => float32(stateNames.optimizer + name, state)),
    float64(stateNames.sums, [2], Float64Array.of(sums.loss, sums.right)),
    ...Object.entries(held?.scores ?? {}).map(([name, rows]) =>
      float64(stateNames.held + name, [rows.length, rows[0]?.length ?? 0], Float64Array.from(rows.flat())),
    ),
    { name: stateNames.orders, dtype: "U8", shape: [orders.length], bytes: orders } satisfies FiledTensor,
  ];
  const state = {
    ...rest,
    held: held && {
      epoch: held.epoch,
      objective: held.objective === null ? null : encodeNumber(held.objective),
    },
    digest: sha256(...tensors.map(({ bytes }) => bytes)),
  };
  const metadata = { format: checkpointFormat, state: JSON.stringify(state) };
  const path = join(folder, `checkpoint-step-${checkpoint.step}.safetensors`);
  writeWhole(path, encodeTensorFile({ tensors, metadata }));
  return path;
}
