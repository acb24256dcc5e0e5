import { builtInTrainer, type Run } from "@reprise/contracts";

/**
 * Whether digests of runs are what their program reports. Those of the built-in trainer are computed by Reprise's own code
 * over all tensors; what any other program digests is not known.
 */
export function isReported(runs: readonly Pick<Run, "trainer">[]): boolean {
  return runs.some(({ trainer }) => trainer !== builtInTrainer);
}

/** How it is known that weights are equal, for whoever asks. */
export function digestBasis(runs: readonly Pick<Run, "trainer">[]): string {
  return isReported(runs)
    ? "Compared are the digests that the program reports of its final weights. Reprise has not computed them and does not know what they cover."
    : "Compared are SHA-256 digests of all final parameter tensors, batch-norm statistics included.";
}
