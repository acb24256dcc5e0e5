import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { trainerEvent } from "@reprise/contracts";
import { expect, it } from "vitest";

const pythonPackage = fileURLToPath(new URL("../../packages/python/src", import.meta.url));
const hasPython = spawnSync("python3", ["--version"]).status === 0;

const looks = `
from reprise.trainer import Run
request = {"parameters": {}, "seed": 1, "mode": "deterministic", "arm": {"execution": {}}, "repeat": 0, "outputDirectory": "."}
run = Run(request, "looker", "1")
run.observe("torch.backends.cudnn.benchmark", True, step=10)
run.observe("seed", 2**64 - 1, 0)
run.observe("CUBLAS_WORKSPACE_CONFIG", None)
`;

it.skipIf(!hasPython)("the trainer helper writes observations as the protocol has them", () => {
  const { output, status } = spawnSync("python3", ["-c", looks], {
    env: { ...process.env, PYTHONPATH: pythonPackage },
    stdio: ["ignore", "pipe", "inherit", "pipe"],
    encoding: "utf8",
  });
  expect(status).toBe(0);
  const lines = (output[3] ?? "").trim().split("\n");
  expect(lines.map((line) => trainerEvent.parse(JSON.parse(line)))).toEqual([
    {
      type: "observation",
      step: 10,
      name: "torch.backends.cudnn.benchmark",
      value: true,
      observer: "program",
    },
    { type: "observation", step: 0, name: "seed", value: "18446744073709551615", observer: "program" },
    { type: "observation", step: null, name: "CUBLAS_WORKSPACE_CONFIG", value: null, observer: "program" },
  ]);
});
