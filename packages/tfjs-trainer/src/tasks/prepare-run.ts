import { didYouMean, type RunRequest, tasks as taskNames } from "@reprise/contracts";
import { userError } from "../program/errors.js";
import { prepareClassification } from "./classification/prepare.js";
import { prepareContrastive } from "./contrastive/prepare.js";
import { prepareEvaluation } from "./evaluation/prepare.js";
import type { PreparedRun, RunSetting } from "./prepared-run.js";
import type { Work } from "./work.js";

type TaskName = RunRequest["task"];
type Prepare = (request: RunRequest, setting: RunSetting) => Promise<PreparedRun<Work>>;

/** What this trainer can do: the main thread's part of each task. Its compute part stands in compute-run.ts. */
const tasks: Partial<Record<TaskName, Prepare>> = {
  classification: prepareClassification,
  contrastive: prepareContrastive,
  evaluation: prepareEvaluation,
};

export const offeredTasks = taskNames.filter((name) => tasks[name]);

/**
 * Checks a request, reads its data and makes everything ready for the compute threads. Rejects with a user error and a
 * hint for everything that cannot be met.
 */
export async function prepareRun(request: RunRequest, setting: RunSetting): Promise<PreparedRun<Work>> {
  const prepare = tasks[request.task];
  if (!prepare) {
    throw userError(
      `The tfjs trainer cannot do task "${request.task}".`,
      didYouMean(request.task, offeredTasks),
    );
  }
  return prepare(request, setting);
}
