import { version_wasm } from "@tensorflow/tfjs-backend-wasm";
import { env, version_core } from "@tensorflow/tfjs-core";
import type { RunPlan } from "./plan.js";
import { trainerName, trainerVersion } from "./version.js";

export type EnvironmentValues = Record<string, string | number | boolean | null>;

/**
 * What only the trainer knows of its environment; the worker adds machine, system, variables and code. Asked in a compute
 * thread, after its backend has started.
 */
export async function environmentValues(plan: RunPlan): Promise<EnvironmentValues> {
  return {
    trainer: `${trainerName} ${trainerVersion}`,
    tfjsCore: version_core,
    tfjsBackendWasm: version_wasm,
    backend: "wasm",
    wasmSimd: Boolean(await env().getAsync("WASM_HAS_SIMD_SUPPORT")),
    wasmThreads: Boolean(await env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT")),
    threads: plan.threads,
    shards: plan.hyper.shards,
    summationOrder: plan.order,
  };
}
