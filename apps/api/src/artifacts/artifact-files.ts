import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, constants, stat, unlink } from "node:fs/promises";
import { basename } from "node:path";
import { Transform, type TransformCallback } from "node:stream";
import { externalTrainer, type FilesRemoval, maxAutoWeightsBytes } from "@reprise/contracts";
import type { ForgottenFile, ForgottenFiles, KeepingOfRun, StoredArtifact } from "@reprise/database";

/** Why this server cannot hand a stored file out; null where it can. */
export async function unreadable({
  path,
  bytes,
}: Pick<StoredArtifact, "path" | "bytes">): Promise<string | null> {
  try {
    await access(path, constants.R_OK);
    const { size } = await stat(path);
    if (bytes === null || size === bytes) return null;
    return `The file has ${size} bytes; ${bytes} were stored. It was changed or cut off since.`;
  } catch {
    return `The file is not on the server's machine. It was stored as ${path}: look on the worker that trained the run, or let server and workers share REPRISE_DATA_DIR.`;
  }
}

/**
 * The bytes of a file, checked against its SHA-256 on their way. The last piece is held back until all is known to be
 * right: a file that was changed ends in an error, never in a complete answer.
 */
export function readChecked(path: string, digest: string | null): NodeJS.ReadableStream {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  if (digest === null) return file;
  const hash = createHash("sha256");
  let held: Buffer | null = null;
  const check = new Transform({
    transform(piece: Buffer, _encoding, done: TransformCallback) {
      hash.update(piece);
      const ready = held;
      held = piece;
      done(null, ready ?? undefined);
    },
    flush(done: TransformCallback) {
      if (hash.digest("hex") === digest) done(null, held ?? undefined);
      else done(new Error(`${path} does not have the SHA-256 it was stored under`));
    },
  });
  file.once("error", (error) => check.destroy(error));
  check.once("close", () => file.destroy());
  return file.pipe(check);
}

const mebibytes = maxAutoWeightsBytes / 2 ** 20;

/** Why a run has no file to show, in words. */
export function absenceOf(run: KeepingOfRun): string {
  if (run.imported)
    return "The study was read from an archive, and archives hold no checkpoints and weights.";
  if (run.removedAt !== null)
    return `The files of this study were removed on ${run.removedAt.toISOString().slice(0, 10)}. Train a run again to have them back: a fixed order gives the same bits.`;
  if (run.checkpointsRemovedAt !== null)
    return `The checkpoints of this run were removed on ${run.checkpointsRemovedAt.toISOString().slice(0, 10)}, because the server keeps them for a time only. Train the run again to have them back: a fixed order gives the same bits.`;
  if (run.task === "evaluation")
    return "An evaluation trains nothing: the weights belong to the run that it scored.";
  if (run.trainer === externalTrainer)
    return "A run that is trained elsewhere has the files that it hands over: `run.file(path)` in Python, or PUT /runs/{id}/files/{name}.";
  if (run.status === "queued" || run.status === "running")
    return run.keepWeights === "never"
      ? "None yet, and no final weights will be: the study was launched with keepWeights: never."
      : "None yet: final weights are stored when the run ends, checkpoints while it trains where the study asks for them.";
  if (run.status !== "succeeded")
    return `The run ${run.status === "failed" ? "has failed" : `was ${run.status}`} before it stored a file.`;
  if (run.keepWeights === "never") return "The study was launched with keepWeights: never.";
  if (run.keepWeights === "auto")
    return `With keepWeights: auto only final weights of up to ${mebibytes} MiB are kept, and the trainer reported none. Launch the study with keepWeights: always to keep larger ones.`;
  return "The trainer reported no file, although the study was launched with keepWeights: always.";
}

const inStore = /[\\/]artifacts[\\/]sha256[\\/]([0-9a-f]{2})[\\/]\1[0-9a-f]{62}$/;

const isInStore = (path: string) => inStore.test(path) && basename(path).length === 64;

/** Whether a file lies in an artifact store that this server sees. */
export const isHere = async (path: string): Promise<boolean> =>
  isInStore(path) &&
  (await stat(path).then(
    (file) => file.isFile(),
    () => false,
  ));

type Removal = "removed" | "shared" | "elsewhere";

/**
 * Removes a file of which nothing is recorded any more. Only files of an artifact store are ever removed, and one that
 * was stored again since it was recorded stays: its new run is just about to be recorded.
 */
async function removeForgotten({ path, recordedAt }: ForgottenFile): Promise<Removal> {
  if (!isInStore(path)) return "elsewhere";
  try {
    const { mtimeMs } = await stat(path);
    if (mtimeMs > recordedAt.getTime() + 1_000) return "shared";
    await unlink(path);
    return "removed";
  } catch {
    return "elsewhere";
  }
}

/** Removes the files of which a study's removal has forgotten every record; what it says goes to whoever asked. */
export async function removeFiles({ files, shared }: ForgottenFiles): Promise<FilesRemoval> {
  const answer: FilesRemoval = { removed: { files: 0, bytes: 0 }, shared, elsewhere: [] };
  for (const file of files) {
    const what = await removeForgotten(file);
    if (what === "elsewhere") answer.elsewhere.push(file.path);
    if (what === "shared") answer.shared++;
    if (what !== "removed") continue;
    answer.removed.files++;
    answer.removed.bytes += file.bytes ?? 0;
  }
  return answer;
}
