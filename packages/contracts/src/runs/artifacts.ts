import { z } from "zod";
import { instant } from "../basics/primitives.js";

/** A file that a run left: its checkpoints and its final weights. */
export const artifact = z.strictObject({
  /** Tells the files of a run apart; the last part of its address. */
  name: z.string(),
  kind: z.enum(["checkpoint", "finalWeights"]),
  /** Optimisation steps and whole epochs made until then. */
  step: z.int(),
  epoch: z.int(),
  /** SHA-256 of the file. */
  digest: z.string().nullable(),
  bytes: z.int().nullable(),
  createdAt: instant,
});
export type Artifact = z.infer<typeof artifact>;

/** The files of a run in the order in which they were made. */
export const artifactList = z.strictObject({
  items: z.array(
    artifact.extend({
      /** Why the server cannot hand the file out (it lies on a worker's own disk, or is gone); null where it can. */
      unreadable: z.string().nullable(),
    }),
  ),
  /** Why there is none, in words; null where there is one. */
  absence: z.string().nullable(),
});
export type ArtifactList = z.infer<typeof artifactList>;

/** What the runs of a sweep and their replicas keep; a file that several runs share counts once. */
export const fileTotals = z.strictObject({ files: z.int(), bytes: z.int() });
export type FileTotals = z.infer<typeof fileTotals>;

/** What became of the files of a sweep. Every record of them is gone; results and digests stay. */
export const filesRemoval = z.strictObject({
  removed: fileTotals,
  /** Left in place, because runs of other sweeps have the very same files. */
  shared: z.int(),
  /** Files that this server cannot reach, on a worker's own disk: their paths there. */
  elsewhere: z.array(z.string()),
});
export type FilesRemoval = z.infer<typeof filesRemoval>;

export const artifactParams = z.strictObject({ id: z.uuid(), name: z.string().min(1).max(100) });
