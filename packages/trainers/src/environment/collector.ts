import { canonicalJson } from "@reprise/contracts";
import { cudaDriverVersion, type Gpu, listGpus } from "../nvidia-smi.js";
import type { TrainerCommand } from "../trainer-command.js";
import { determinismVariables, looksSecret } from "../trainer-environment.js";
import { codeValues } from "./code-state.js";
import { type EnvironmentValues, machineValues, sha256 } from "./machine.js";

/** Seeds are configuration, and which of several equal GPUs was used is told by the GPU's own entries. */
const notEnvironment = new Set(["PYTHONHASHSEED", "CUDA_VISIBLE_DEVICES"]);

export type EnvironmentCollector = {
  gpus(): Promise<Gpu[]>;
  /**
   * The fingerprint of one run on this machine, before the trainer adds what it knows: machine, the GPUs of its
   * slot, its code, and the variables that decide how libraries compute. Flat, sorted keys; equal for equal
   * environments.
   */
  collect(input: {
    command: TrainerCommand;
    /** The environment the trainer process gets. */
    variables: Record<string, string>;
    /** Indices of the GPUs that the run may use. */
    gpuIndices: readonly number[];
  }): Promise<EnvironmentValues>;
};

/** One per worker: what cannot change while a worker lives is looked up once, since the look takes long. */
export function createEnvironmentCollector(): EnvironmentCollector {
  let machine: Promise<EnvironmentValues> | undefined;
  let gpus: Promise<Gpu[]> | undefined;
  let cuda: Promise<string | null> | undefined;
  const listed = () => {
    gpus ??= listGpus();
    return gpus;
  };
  return {
    gpus: listed,
    async collect({ command, variables, gpuIndices }) {
      machine ??= machineValues().catch((error) => {
        // Looked up again for the next run.
        machine = undefined;
        throw error;
      });
      const used = (await listed()).filter((gpu) => gpuIndices.includes(gpu.index));
      if (used.length > 0) cuda ??= cudaDriverVersion();
      const [machineNow, code, cudaVersion] = await Promise.all([
        machine,
        codeValues(command),
        cuda ?? Promise.resolve(null),
      ]);
      return sorted({
        ...machineNow,
        ...gpuValues(used, cudaVersion),
        ...code,
        ...variableValues(variables),
      });
    },
  };
}

function gpuValues(gpus: readonly Gpu[], cuda: string | null): EnvironmentValues {
  const values: EnvironmentValues = { "gpu.count": gpus.length };
  gpus.forEach((gpu, at) => {
    values[`gpu.${at}.name`] = gpu.name;
    values[`gpu.${at}.memoryMiB`] = gpu.memoryMiB;
    values[`gpu.${at}.computeCapability`] = gpu.computeCapability;
  });
  const [first] = gpus;
  if (first) {
    values["gpu.driver"] = first.driver;
    values["gpu.cuda"] = cuda;
  }
  return values;
}

function variableValues(variables: Record<string, string>): EnvironmentValues {
  const recorded = determinismVariables.filter((name) => !notEnvironment.has(name));
  return Object.fromEntries(recorded.map((name) => [`variable.${name}`, variables[name] ?? null]));
}

/**
 * The worker's fingerprint with what the trainer itself reported; where both know a key, the trainer was closer.
 * Secrets are left out.
 */
export function mergeEnvironment(worker: EnvironmentValues, trainer: EnvironmentValues): EnvironmentValues {
  return sorted({ ...worker, ...trainer });
}

/** SHA-256 of the canonical JSON: the `environment` rung of the digest ladder. */
export function environmentDigest(values: EnvironmentValues): string {
  return sha256(canonicalJson(values));
}

function sorted(values: EnvironmentValues): EnvironmentValues {
  const entries = Object.entries(values).filter(([key]) => !looksSecret(key));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
