import { readFileSync } from "node:fs";
import { decodeNumber, decodeTensorFile, type FiledTensor, floatsOf, wireNumber } from "@reprise/contracts";
import { z } from "zod";
import { present, TrainerError, userError } from "../program/errors.js";
import { type Checkpoint, checkpointFormat, stateNames } from "./checkpoint.js";
import { sha256 } from "./digests.js";
import type { Layout } from "./layout.js";
import { placeWeights } from "./weights-file.js";

const metadata = z.object({ format: z.literal(checkpointFormat), state: z.string() });

const state = z.strictObject({
  configuration: z.string(),
  dataset: z.string(),
  seedKeys: z.string(),
  epoch: z.int().min(0),
  step: z.int().min(1),
  held: z
    .strictObject({ epoch: z.int(), objective: wireNumber.transform(decodeNumber).nullable() })
    .nullable(),
  /** SHA-256 of all tensors, in file order. */
  digest: z.string(),
});

/**
 * Reads a checkpoint of a model with this layout. Throws a user error naming the file when it is absent, damaged, of another
 * format or of another model.
 */
export function readCheckpoint(path: string, layout: Layout): Checkpoint {
  const bytes = readBytes(path);
  try {
    return parseCheckpoint(path, bytes, layout);
  } catch (error) {
    if (error instanceof TrainerError) throw error;
    throw userError(`${path} is not a checkpoint of this trainer.`, "Start the run from the beginning.");
  }
}

function parseCheckpoint(path: string, bytes: Uint8Array, layout: Layout): Checkpoint {
  const file = decodeTensorFile(bytes);
  const { held, digest, ...rest } = state.parse(JSON.parse(metadata.parse(file.metadata).state));
  if (sha256(...file.tensors.map((tensor) => tensor.bytes)) !== digest) {
    throw userError(
      `Checkpoint ${path} is damaged.`,
      "Start the run from the beginning, or from an earlier checkpoint.",
    );
  }
  const tensors = new Map(file.tensors.map((tensor) => [tensor.name, tensor]));
  const named = (name: string) => present(tensors.get(name), name);
  const doubles = (name: string) => new Float64Array(Uint8Array.from(named(name).bytes).buffer);
  const below = (prefix: string) =>
    [...tensors.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  const scoresOf = (name: string) => {
    const [rows = 0, classes = 0] = named(stateNames.held + name).shape;
    const values = doubles(stateNames.held + name);
    return Array.from({ length: rows }, (_, row) => [...values.subarray(row * classes, (row + 1) * classes)]);
  };
  const [loss = 0, right = 0] = doubles(stateNames.sums);
  return {
    ...rest,
    sums: { loss, right },
    held: held && {
      ...held,
      scores: Object.fromEntries(below(stateNames.held).map((name) => [name, scoresOf(name)])),
    },
    parameters: weightsOf(path, tensors, layout),
    optimizer: Object.fromEntries(
      below(stateNames.optimizer).map((name) => [name, floatsOf(named(stateNames.optimizer + name))]),
    ),
    orders: Uint8Array.from(named(stateNames.orders).bytes),
  };
}

function weightsOf(path: string, tensors: ReadonlyMap<string, FiledTensor>, layout: Layout): Float32Array {
  try {
    return placeWeights(tensors, layout);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw userError(
      `Checkpoint ${path} is of another model: ${reason}`,
      "Resume from this run's own checkpoint.",
    );
  }
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw userError(`Checkpoint ${path} cannot be read: ${error instanceof Error ? error.message : error}.`);
  }
}
