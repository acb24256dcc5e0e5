import { spawnSync } from "node:child_process";
import { python } from "./python.js";

/** Why MLflow cannot open what was exported, with the way to it; null where the tests' Python has it. */
export function mlflowMissing(): string | null {
  const { status } = spawnSync(python, ["-c", "import mlflow"], { stdio: "ignore" });
  return status === 0
    ? null
    : `${python} has no MLflow (pip install mlflow; REPRISE_PYTHON names the Python)`;
}
