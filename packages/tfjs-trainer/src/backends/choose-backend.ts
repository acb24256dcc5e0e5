import { didYouMean, type RunRequest } from "@reprise/contracts";
import { userError } from "../errors.js";
import { type BackendName, hostBackends } from "./backend-names.js";

/**
 * The backend of a run: the one that was asked for, or for `auto` the first that was found to work. Throws a user error
 * for one that a task cannot use; a run that asks for a device is never moved to another.
 */
export function chooseBackend(
  request: Pick<RunRequest, "backend" | "task">,
  offered: readonly BackendName[] = hostBackends,
): BackendName {
  if (request.backend === "auto") return "wasm";
  const found = offered.find((name) => name === request.backend);
  if (found) return found;
  throw userError(
    `Backend "${request.backend}" is not available in this trainer for task ${request.task}.`,
    `${didYouMean(request.backend, offered)} A run that asks for another device is never moved silently.`,
  );
}
