import { canonicalJson, sha256Algorithm, type TrainerEvent } from "@reprise/contracts";
import { version_wasm } from "@tensorflow/tfjs-backend-wasm";
import { env, version_core } from "@tensorflow/tfjs-core";
import { trainerName, trainerVersion } from "../version.js";
import { sha256 } from "./digests.js";
import type { TrainingPlan } from "./plan.js";

export type EnvironmentValues = Record<string, string | number | boolean | null>;

/**
 * What only the trainer knows of its environment; the worker adds machine, system, variables and code. Asked in a compute
 * thread, after its backend has started.
 */
async function environmentValues(
  plan: TrainingPlan,
  deviceFacts: EnvironmentValues,
): Promise<EnvironmentValues> {
  return {
    trainer: `${trainerName} ${trainerVersion}`,
    tfjsCore: version_core,
    backend: plan.backend,
    ...(plan.backend === "wasm" && {
      tfjsBackendWasm: version_wasm,
      wasmSimd: Boolean(await env().getAsync("WASM_HAS_SIMD_SUPPORT")),
      wasmThreads: Boolean(await env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT")),
    }),
    // Decoders differ in last bits between versions: the rung `dataset` shows it, this says why.
    ...(plan.imageDecoder !== null && { imageDecoder: plan.imageDecoder }),
    ...deviceFacts,
    threads: plan.threads,
    shards: plan.hyper.shards,
    summationOrder: plan.order,
  };
}

/** Posts the environment and its rung of the ladder. */
export async function reportEnvironment(
  plan: TrainingPlan,
  post: (events: TrainerEvent[]) => void,
  deviceFacts: EnvironmentValues = {},
): Promise<void> {
  const values = await environmentValues(plan, deviceFacts);
  const digest = sha256(canonicalJson(values));
  post([
    { type: "environment", values },
    { type: "digest", kind: "environment", positions: [0], digests: [digest], algorithm: sha256Algorithm },
  ]);
}
