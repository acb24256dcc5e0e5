import { didYouMean, type RunRequest } from "@reprise/contracts";
import { userError } from "../../program/errors.js";
import { type BackendName, hostBackends } from "./backend-names.js";

/**
 * The backend of a run: the one that was asked for, or for `auto` the first of those that were found to work here and that
 * the task can use (wasm, where nothing was tried). Throws a user error for one that the task cannot use; a run that
 * asks for a device is never moved to another.
 */
export function chooseBackend(
  request: Pick<RunRequest, "backend" | "autoBackends" | "task">,
  offered: readonly BackendName[] = hostBackends,
): BackendName {
  const isOffered = (name: string): name is BackendName => offered.some((known) => known === name);
  if (request.backend === "auto") return request.autoBackends?.find(isOffered) ?? "wasm";
  if (isOffered(request.backend)) return request.backend;
  throw userError(
    `Task ${request.task} cannot compute on backend "${request.backend}".`,
    `${didYouMean(request.backend, offered)} A run that asks for a device is never moved to another.`,
  );
}
