import { didYouMean, type RunRequest, tasks as taskNames } from "@reprise/contracts";
import { prepareClassification } from "../classification/prepare.js";
import { userError } from "../errors.js";
import type { PreparedRun } from "./prepared-run.js";

type TaskName = RunRequest["task"];

/** What this trainer can do: the main thread's part of each task. Its compute part stands in compute-run.ts. */
const tasks: Partial<Record<TaskName, (request: RunRequest, datasets: string) => PreparedRun>> = {
  classification: prepareClassification,
};

export const offeredTasks = taskNames.filter((name) => tasks[name]);

/**
 * Checks a request and makes everything ready for the compute threads. `datasets` is the folder of the bundled data.
 * Throws a user error with a hint for everything that cannot be met.
 */
export function prepareRun(request: RunRequest, datasets: string): PreparedRun {
  const prepare = tasks[request.task];
  if (!prepare) {
    throw userError(
      `The tfjs trainer cannot do task "${request.task}".`,
      didYouMean(request.task, offeredTasks),
    );
  }
  return prepare(request, datasets);
}
