import { builtInTrainer } from "../sweeps/sweep-spec.js";
import type { Run } from "./run.js";

/**
 * Who computed the digests of a run:
 *
 * - `trainer`: Reprise's own trainer, over all tensors;
 * - `observed`: Reprise's code inside the training process, which has looked into it, over all parameters and buffers of the
 *   model that was trained;
 * - `reported`: the program, or whoever logged the run. What they cover is not known.
 */
export type DigestSource = "trainer" | "observed" | "reported";

export function digestSource({ trainer, observed }: Pick<Run, "trainer" | "observed">): DigestSource {
  if (trainer === builtInTrainer) return "trainer";
  return observed.some(({ observer }) => observer === "reprise") ? "observed" : "reported";
}
