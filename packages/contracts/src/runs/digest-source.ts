import { builtInTrainer } from "../sweeps/sweep-spec.js";
import { finalDigest } from "./observed-settings.js";
import type { Run } from "./run.js";

/**
 * Who computed the digest of a run's final weights:
 *
 * - `trainer`: Reprise's own trainer, over all tensors;
 * - `observed`: Reprise's code, in the training process or from the checkpoint with which it ended, over all parameters and
 *   buffers of the model that was trained: it has told of this very digest as a look of its own;
 * - `reported`: the program, or whoever logged the run. What it covers is not known, whatever else was observed.
 *
 * Of a run without a digest: who could have computed one.
 */
export type DigestSource = "trainer" | "observed" | "reported";

type Digested = Pick<Run, "trainer" | "observed" | "digest">;

export function digestSource({ trainer, observed, digest }: Digested): DigestSource {
  if (trainer === builtInTrainer) return "trainer";
  const own = observed.filter(
    ({ name, observer, last }) =>
      observer === "reprise" && (digest === null || (name === finalDigest && last === digest)),
  );
  return own.length > 0 ? "observed" : "reported";
}
