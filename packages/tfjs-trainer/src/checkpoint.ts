import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "./digests.js";

export const checkpointFormat = "reprise-checkpoint-2";

/** Scores by the name of what was scored (validation, test, …): one row per case. */
export type Scores = Record<string, number[][]>;

/** Scores of the epoch that selection holds on to. */
export interface HeldScores {
  epoch: number;
  objective: number | null;
  scores: Scores;
}

/** State at the end of an epoch: all that the rest of the run depends on. */
export interface Checkpoint {
  configuration: string;
  dataset: string;
  /** Digest of the run's stream keys: the streams are counter-based, so their position is the step itself. */
  seedKeys: string;
  epoch: number;
  step: number;
  held: HeldScores | null;
  parameters: Float32Array;
  optimizer: Record<string, Float32Array>;
  /** [steps × shards]: the summation order so far. */
  orders: Uint8Array;
}

const bytesOf = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/**
 * Writes a checkpoint (one line of JSON, then the blocks it names) so that a crash leaves either the whole file or
 * none. Returns its path.
 */
export function writeCheckpoint(folder: string, checkpoint: Checkpoint): string {
  const { parameters, optimizer, orders, ...rest } = checkpoint;
  const named: [string, Uint8Array][] = [
    ["parameters", bytesOf(parameters)],
    ["orders", orders],
    ...Object.entries(optimizer).map(([name, state]): [string, Uint8Array] => [
      `optimizer/${name}`,
      bytesOf(state),
    ]),
  ];
  const contents = named.map(([, bytes]) => bytes);
  const header = {
    format: checkpointFormat,
    ...rest,
    blocks: named.map(([name, bytes]) => ({ name, bytes: bytes.length })),
    digest: sha256(...contents),
  };
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `checkpoint-epoch-${checkpoint.epoch}.bin`);
  writeFileSync(`${path}.part`, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...contents]));
  renameSync(`${path}.part`, path);
  return path;
}
