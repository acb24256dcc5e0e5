import { rm } from "node:fs/promises";
import { diskWords, fullDiskBytes } from "@reprise/contracts";
import { freeSpace } from "@reprise/database";
import type { TrainerOutcome } from "@reprise/trainers";
import type { Logger } from "../logger.js";

const isFull = (free: number | null): boolean => free !== null && free < fullDiskBytes;

/**
 * What comes of an attempt that ended for want of room. Where the disk of this worker has some, another one was meant, and the end
 * stays as it is. Where it has none, the files of the attempt are removed: `no-room` where it is full without them too. Else it was
 * full with them, and would be again: that end counts.
 */
export async function afterFullDisk(
  outcome: TrainerOutcome,
  worker: { name: string; dataDirectory: string; outputDirectory: string; log: Logger },
): Promise<TrainerOutcome | "no-room"> {
  if (outcome.status !== "failed" || !outcome.diskFull) return outcome;
  const free = await freeSpace(worker.dataDirectory);
  if (!isFull(free)) return outcome;
  worker.log.error(diskWords(worker.dataDirectory, free));
  await rm(worker.outputDirectory, { recursive: true, force: true });
  if (isFull(await freeSpace(worker.dataDirectory))) return "no-room";
  return {
    ...outcome,
    kind: "infrastructure",
    message: `The disk of the worker ${worker.name} was full until the files of this run were removed: ${outcome.message}`,
    hint: "Let the run write less, or train it where there is more room.",
  };
}
