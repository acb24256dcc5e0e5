import { describe, expect, test } from "vitest";
import { sampleRequest } from "./check/sample-request.js";
import { trainerCommand } from "./trainer-command.js";
import { scrubbedEnvironment, trainerEnvironment } from "./trainer-environment.js";

const free = {
  name: "free",
  execution: { order: "free", algorithms: "default", autotune: true, tf32: true },
} as const;

describe("what a trainer inherits", () => {
  test("paths, locale, devices and data, but nothing secret", () => {
    const kept = scrubbedEnvironment({
      PATH: "/bin",
      LANG: "C",
      LC_ALL: "C",
      CUDA_HOME: "/cuda",
      NVIDIA_VISIBLE_DEVICES: "0",
      REPRISE_DATA: "/data",
      REPRISE_CACHE: "/data/kept",
      NVIDIA_API_KEY: "secret",
      DATABASE_URL: "postgresql://u:p@h/d",
      REDIS_URL: "redis://h",
      REPRISE_TOKEN: "secret",
      GITHUB_TOKEN: "secret",
      AWS_SECRET_ACCESS_KEY: "secret",
      NODE_OPTIONS: "--inspect",
    });
    expect(Object.keys(kept).sort()).toEqual([
      "CUDA_HOME",
      "LANG",
      "LC_ALL",
      "NVIDIA_VISIBLE_DEVICES",
      "PATH",
      "REPRISE_CACHE",
      "REPRISE_DATA",
    ]);
  });

  test("a configuration cannot hand the database to a trainer", () => {
    const parsed = trainerCommand.safeParse({
      name: "x",
      command: "python3",
      env: { DATABASE_URL: "postgresql://" },
    });
    expect(parsed.error?.issues[0]?.message).toContain("never gets DATABASE_URL");
  });
});

describe("determinism set before the process starts", () => {
  test("deterministic arm", () => {
    expect(trainerEnvironment({ base: {}, run: sampleRequest({ seed: 2 ** 32 + 5 }) })).toEqual({
      PYTHONHASHSEED: "5",
      TF_CUDNN_USE_AUTOTUNE: "0",
      TF_DETERMINISTIC_OPS: "1",
      TF_CUDNN_DETERMINISTIC: "1",
      CUBLAS_WORKSPACE_CONFIG: ":4096:8",
      NVIDIA_TF32_OVERRIDE: "0",
    });
  });

  test("an arm that leaves algorithms free loses settings that would fix them, and keeps its seeds", () => {
    const environment = trainerEnvironment({
      base: { CUDA_HOME: "/cuda", NVIDIA_TF32_OVERRIDE: "0" },
      own: { TF_DETERMINISTIC_OPS: "1", CUBLAS_WORKSPACE_CONFIG: ":16:8" },
      slot: { CUDA_VISIBLE_DEVICES: "1" },
      run: sampleRequest({ arm: free, resources: { threads: 4, ranks: 1 } }),
    });
    expect(environment).toEqual({
      CUDA_HOME: "/cuda",
      CUDA_VISIBLE_DEVICES: "1",
      PYTHONHASHSEED: "0",
      TF_CUDNN_USE_AUTOTUNE: "1",
      OMP_NUM_THREADS: "4",
      MKL_NUM_THREADS: "4",
    });
  });
});
