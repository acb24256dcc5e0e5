import { armVariables, type RunRequest } from "@reprise/contracts";

/** What a trainer may inherit from its worker: enough to find programs, libraries, devices and data. */
const inheritedNames = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LANGUAGE",
  "TZ",
  "TMPDIR",
  "TMP",
  "TEMP",
  "LD_LIBRARY_PATH",
  "DYLD_LIBRARY_PATH",
  "VIRTUAL_ENV",
  "PYTHONPATH",
  "PYTHONHOME",
  "XDG_CACHE_HOME",
  "XDG_RUNTIME_DIR",
  "HF_HOME",
  "TORCH_HOME",
  "REPRISE_DATA",
  "REPRISE_CACHE",
  // Windows does not start programs without these.
  "SYSTEMROOT",
  "SYSTEMDRIVE",
  "COMSPEC",
  "PATHEXT",
  "WINDIR",
  "USERPROFILE",
  "APPDATA",
  "LOCALAPPDATA",
]);
const inheritedPrefixes = ["LC_", "CUDA", "NVIDIA", "ROCR_", "HIP_", "HSA_", "CONDA_", "PYENV_", "VK_"];

/** A name that looks like a secret is withheld even where its prefix is allowed (NVIDIA_API_KEY). */
const secretName = /TOKEN|SECRET|PASSW|CREDENTIAL|API_?KEY|PRIVATE_?KEY|AUTH|DATABASE_URL|REDIS_URL/i;

export function looksSecret(name: string): boolean {
  return secretName.test(name);
}

/** The part of the worker's environment that a trainer may see. */
export function scrubbedEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const scrubbed: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || looksSecret(name)) continue;
    const upper = name.toUpperCase();
    const inherited =
      inheritedNames.has(upper) || inheritedPrefixes.some((prefix) => upper.startsWith(prefix));
    if (inherited) scrubbed[name] = value;
  }
  return scrubbed;
}

/** Variables that decide how libraries compute; also what the fingerprint records of a process environment. */
export const determinismVariables = [
  "TF_DETERMINISTIC_OPS",
  "TF_CUDNN_DETERMINISTIC",
  "TF_CUDNN_USE_AUTOTUNE",
  "CUBLAS_WORKSPACE_CONFIG",
  "NVIDIA_TF32_OVERRIDE",
  "PYTHONHASHSEED",
  "OMP_NUM_THREADS",
  "MKL_NUM_THREADS",
  "OPENBLAS_NUM_THREADS",
  "OMP_DYNAMIC",
  "MKL_DYNAMIC",
  "MKL_CBWR",
  "OPENBLAS_CORETYPE",
  "ONEDNN_MAX_CPU_ISA",
  "ATEN_CPU_CAPABILITY",
  "LD_LIBRARY_PATH",
  "CUDA_VISIBLE_DEVICES",
  "CUDA_DEVICE_ORDER",
  "CUDA_LAUNCH_BLOCKING",
] as const;

/**
 * Variables that libraries read when they are loaded and that fix (or free) how they compute. They must stand in
 * the environment before the process starts: TensorFlow and cuBLAS do not look again.
 *
 * - deterministic algorithms: `TF_DETERMINISTIC_OPS`, `TF_CUDNN_DETERMINISTIC` (TensorFlow),
 *   `CUBLAS_WORKSPACE_CONFIG=:4096:8` (cuBLAS documentation, "Results reproducibility"); absent when the arm
 *   leaves algorithms free;
 * - `TF_CUDNN_USE_AUTOTUNE` follows the arm's autotune;
 * - `NVIDIA_TF32_OVERRIDE=0` keeps TF32 off in every NVIDIA library unless the arm allows it;
 * - `PYTHONHASHSEED` is a seed, and seeds are the same in every arm (CPython takes 32 bits); a program that may be started
 *   before its run is known (`startsAhead`) gets 0, by which hashes have one order, whenever it is started;
 * - thread counts, where the run asks for a number: they decide how sums are split.
 */
export function determinismEnvironment(
  run: Pick<RunRequest, "arm" | "seed" | "resources">,
  startsAhead = false,
): Record<string, string> {
  const { algorithms, autotune, tf32 } = run.arm.execution;
  const threads = run.resources.threads;
  return {
    PYTHONHASHSEED: startsAhead ? "0" : String(run.seed % 2 ** 32),
    TF_CUDNN_USE_AUTOTUNE: autotune ? "1" : "0",
    ...(algorithms === "deterministic" && {
      TF_DETERMINISTIC_OPS: "1",
      TF_CUDNN_DETERMINISTIC: "1",
      CUBLAS_WORKSPACE_CONFIG: ":4096:8",
    }),
    ...(!tf32 && { NVIDIA_TF32_OVERRIDE: "0" }),
    ...(threads !== "auto" && { OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) }),
  };
}

/**
 * The whole environment of a trainer process: scrubbed base, the trainer's own variables, what the slot adds
 * (which GPU), and last what determinism asks for. A variable of that last group that the arm leaves unset is
 * removed, so that "default algorithms" never run with a deterministic setting that somebody's shell exported.
 */
export function trainerEnvironment(input: {
  base: NodeJS.ProcessEnv;
  own?: Record<string, string>;
  slot?: Record<string, string>;
  run: Pick<RunRequest, "arm" | "seed" | "resources">;
  /** Announced by the trainer: nothing of its environment may depend on a single run. */
  startsAhead?: boolean;
}): Record<string, string> {
  const result = { ...scrubbedEnvironment(input.base), ...input.own, ...input.slot };
  for (const name of armVariables) delete result[name];
  return { ...result, ...determinismEnvironment(input.run, input.startsAhead) };
}
