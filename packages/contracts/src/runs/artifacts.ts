import { z } from "zod";
import { instant } from "../basics/primitives.js";

/** Name of the file with the final weights of a run. */
export const finalWeightsName = "final-weights.safetensors";

/** Name that a program gives a file: no path, and none of those that checkpoints and final weights have. */
export const fileName = z
  .string()
  .max(100)
  .regex(/^[\p{L}\p{N}_][\p{L}\p{N}_ .()+=,@-]*$/u, "a plain file name, without a path")
  .refine((name) => name !== finalWeightsName && !/^checkpoint-\d+(\.safetensors)?$/.test(name), {
    error: "is what Reprise names checkpoints and final weights",
  });

/** A file that a run left: its checkpoints, its final weights, and what its program wrote. */
export const artifact = z.strictObject({
  /** Tells the files of a run apart; the last part of its address. */
  name: z.string(),
  /** `file`: whatever the program handed over. */
  kind: z.enum(["checkpoint", "finalWeights", "file"]),
  /** Optimisation steps and whole epochs made until then; null where the program does not tell. */
  step: z.int().nullable(),
  epoch: z.int().nullable(),
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

/** Where a file of a run that is trained elsewhere goes, and what it must be. */
export const fileUploadParams = z.strictObject({ id: z.uuid(), name: fileName });
export const fileUploadQuery = z.strictObject({
  /** SHA-256 of its bytes, in lower-case hex: what arrives otherwise is refused. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits, lower case"),
  /** After how many steps it was written. */
  step: z.coerce.number().int().min(0).optional(),
});

export const artifactParams = z.strictObject({ id: z.uuid(), name: z.string().min(1).max(100) });
