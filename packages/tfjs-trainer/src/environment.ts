import { arch, cpus, platform } from "node:os";
import { version_wasm } from "@tensorflow/tfjs-backend-wasm";
import { env, version_core } from "@tensorflow/tfjs-core";
import type { RunPlan } from "./plan.js";
import { trainerName, trainerVersion } from "./version.js";

/** Variables of the environment that could change the numbers or the timing of this trainer. */
const watchedVariables = ["NODE_OPTIONS", "NODE_ENV"];

export type EnvironmentValues = Record<string, string | number | boolean | null>;

/** What the trainer knows of its environment; asked in a compute thread, after its backend has started. */
export async function environmentValues(plan: RunPlan): Promise<EnvironmentValues> {
  const variables = watchedVariables.map((name) => [`variable.${name}`, process.env[name] ?? null] as const);
  return {
    trainer: `${trainerName} ${trainerVersion}`,
    node: process.version,
    v8: process.versions.v8,
    platform: platform(),
    architecture: arch(),
    cpuModel: cpus()[0]?.model ?? null,
    cores: cpus().length,
    tfjsCore: version_core,
    tfjsBackendWasm: version_wasm,
    backend: "wasm",
    wasmSimd: Boolean(await env().getAsync("WASM_HAS_SIMD_SUPPORT")),
    wasmThreads: Boolean(await env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT")),
    threads: plan.threads,
    shards: plan.hyper.shards,
    summationOrder: plan.order,
    ...Object.fromEntries(variables),
  };
}
