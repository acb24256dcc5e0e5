import { type Execution, modeOf } from "@reprise/contracts";
import { userError } from "../../program/errors.js";
import { type BackendName, isHostBackend } from "./backend-names.js";

/** What makes repeats differ on each backend when nothing else does; null where nothing is known to. */
const noiseSources: Record<BackendName, string | null> = {
  "node-gpu":
    "CUDA kernels add with atomics, and cuDNN picks its algorithms by timing them (TF_DETERMINISTIC_OPS is unset).",
  webgpu: "Split-K matrix products add with float atomics, in the order in which workgroups finish.",
  node: null,
  wasm: "Gradients of logical shards are summed in the order in which the threads finish them; float addition does not associate.",
  cpu: "Gradients of logical shards are summed in the order in which the threads finish them; float addition does not associate.",
};

export const noiseSourceOf = (backend: BackendName) => noiseSources[backend];

/** Threads and shards must be able to finish in more than one order that matters. */
function refuseOneOrder({ threads, shards }: { threads: number; shards: number }): void {
  if (threads < 2) {
    throw userError(
      "Order free needs at least 2 threads: a single thread always finishes its shards in the same order.",
      "Set resources.threads to 2 or more, or use order fixed or permuted.",
    );
  }
  if (shards < 3) {
    throw userError(
      `Order free needs at least 3 shards: the sum of ${shards} does not depend on their order.`,
      "Set shards to 3 or more.",
    );
  }
}

/**
 * Refuses an execution that says it is nondeterministic but would repeat itself to the bit on this backend. Throws a user
 * error with the reason.
 */
export function refuseFalseNoise(
  execution: Execution,
  on: { backend: BackendName; threads: number; shards: number },
): void {
  if (modeOf(execution) === "deterministic") return;
  const { backend } = on;
  const { order } = execution;
  if (isHostBackend(backend)) {
    if (order === "free") {
      refuseOneOrder(on);
      return;
    }
    throw userError(
      `Order ${order} is deterministic on the ${backend} backend, whatever its other settings: it has no other source of nondeterminism.`,
      "Use order free for a nondeterministic arm.",
    );
  }
  if (noiseSources[backend] === null) {
    throw userError(
      `Backend ${backend} has no known source of nondeterminism: its shards are computed one after another, by algorithms that repeat themselves.`,
      "Use a deterministic or permuted arm, or another backend.",
    );
  }
  if (execution.algorithms === "deterministic") {
    throw userError(
      `Order ${order} with deterministic algorithms repeats itself on ${backend}: its shards are computed one after another.`,
      "Set the arm's algorithms to default.",
    );
  }
}
