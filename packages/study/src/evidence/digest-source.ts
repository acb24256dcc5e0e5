import { digestSource, type Run } from "@reprise/contracts";

type Digested = Pick<Run, "trainer" | "observed" | "digest">;

/** Whether digests of some of these runs are what their program reports: Reprise's code has not computed them. */
export function isReported(runs: readonly Digested[]): boolean {
  return runs.some((run) => digestSource(run) === "reported");
}

/** Whether digests of some of these runs were computed by Reprise's code inside another program. */
export function isObserved(runs: readonly Digested[]): boolean {
  return runs.some((run) => digestSource(run) === "observed");
}

/** How it is known that weights are equal, for whoever asks. */
export function digestBasis(runs: readonly Digested[]): string {
  if (isReported(runs))
    return "The digests compared are those that the program reports for its final weights. Reprise has not computed them and does not know what they cover.";
  return isObserved(runs)
    ? "The digests compared were computed by Reprise's code, in the training process or from its last checkpoint, over all parameters and buffers of the model."
    : "The digests compared are SHA-256 digests of all final parameter tensors, batch-norm statistics included.";
}
