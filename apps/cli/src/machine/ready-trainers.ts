import { join } from "node:path";
import { installationRoot } from "../paths.js";

/** A training program that comes with Reprise and needs what Reprise does not bring. */
type ReadyTrainer = {
  name: string;
  command: string;
  args: string[];
  workingDirectory: string;
  env: Record<string, string>;
};

const modules: Record<string, string> = {
  "torch-classification": "reprise.trainers.classification",
  "torch-laptop": "reprise.trainers.laptop",
};

/**
 * The trainers in Python, where `REPRISE_PYTHON` names a Python for them; without PyTorch in it the worker leaves them out
 * with the reason. One whose name is `taken` by the worker's own file is that of the file.
 */
export function readyTrainers(variables: NodeJS.ProcessEnv, taken: readonly string[]): ReadyTrainer[] {
  const python = variables.REPRISE_PYTHON;
  if (!python) return [];
  return Object.entries(modules)
    .filter(([name]) => !taken.includes(name))
    .map(([name, module]) => ({
      name,
      command: python,
      args: ["-m", module],
      workingDirectory: installationRoot,
      env: { PYTHONPATH: join(installationRoot, "packages/python/src") },
    }));
}
