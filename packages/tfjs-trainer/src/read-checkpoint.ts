import { readFileSync } from "node:fs";
import { z } from "zod";
import { type Checkpoint, checkpointFormat } from "./checkpoint.js";
import { sha256 } from "./digests.js";
import { present, userError } from "./errors.js";

const rows = z.array(
  z.array(
    z
      .number()
      .nullable()
      .transform((score) => score ?? Number.NaN),
  ),
);

const header = z.strictObject({
  format: z.literal(checkpointFormat),
  configuration: z.string(),
  dataset: z.string(),
  seedKeys: z.string(),
  epoch: z.int().min(1),
  step: z.int().min(1),
  held: z
    .strictObject({
      epoch: z.int(),
      objective: z.number().nullable(),
      scores: z.record(z.string(), rows),
    })
    .nullable(),
  /** Name and length in bytes of each block, in file order. */
  blocks: z.array(z.strictObject({ name: z.string(), bytes: z.int().min(0) })),
  /** SHA-256 of all blocks. */
  digest: z.string(),
});

/** Reads a checkpoint. Throws a user error naming the file when it is absent, damaged or of another format. */
export function readCheckpoint(path: string): Checkpoint {
  const bytes = readBytes(path);
  const end = bytes.indexOf(10);
  const parsed = header.safeParse(parseJson(bytes.subarray(0, Math.max(end, 0)).toString("utf8")));
  if (!parsed.success)
    throw userError(`${path} is no checkpoint of this trainer.`, "Start the run from the beginning.");
  const { blocks, digest, format: _format, ...rest } = parsed.data;
  const named = new Map<string, Uint8Array>();
  let offset = end + 1;
  for (const { name, bytes: length } of blocks) {
    named.set(name, bytes.subarray(offset, offset + length));
    offset += length;
  }
  if (offset !== bytes.length || sha256(...named.values()) !== digest) {
    throw userError(
      `Checkpoint ${path} is damaged.`,
      "Start the run from the beginning, or from an earlier checkpoint.",
    );
  }
  const floats = (name: string) => new Float32Array(Uint8Array.from(present(named.get(name), name)).buffer);
  const optimizer = [...named.keys()].filter((name) => name.startsWith("optimizer/"));
  return {
    ...rest,
    parameters: floats("parameters"),
    optimizer: Object.fromEntries(optimizer.map((name) => [name.slice("optimizer/".length), floats(name)])),
    orders: Uint8Array.from(present(named.get("orders"), "orders")),
  };
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw userError(`Checkpoint ${path} cannot be read: ${error instanceof Error ? error.message : error}.`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
