import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const own = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));

/** `REPRISE_PYTHON`, else the virtual environment of this repository, else the system's. */
export const python = process.env.REPRISE_PYTHON ?? (existsSync(own) ? own : "python3");

/** The package `reprise`, for PYTHONPATH. */
export const pythonPackage = fileURLToPath(new URL("../../packages/python/src", import.meta.url));

/** Why there is no PyTorch, with the way to it; null where there is one. CI sets REPRISE_TORCH=required: then it fails. */
export function torchMissing(): string | null {
  // Looked for, not imported: that takes seconds, and every file asks.
  const look = "import importlib.util as u; raise SystemExit(u.find_spec('torch') is None)";
  const { status } = spawnSync(python, ["-c", look], { stdio: "ignore" });
  if (status === 0) return null;
  const reason = `${python} has no PyTorch (python3 -m venv .venv && .venv/bin/pip install torch numpy pytest pillow pyyaml safetensors)`;
  if (process.env.REPRISE_TORCH === "required") throw new Error(reason);
  return reason;
}
