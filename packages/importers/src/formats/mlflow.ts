import type { ForeignRun, SetAside } from "@reprise/contracts";
import { markShortRuns } from "../values/run.js";

const byNumber: Readonly<Record<number, ForeignRun["status"]>> = {
  1: "running",
  2: "unknown",
  3: "finished",
  4: "failed",
  5: "killed",
};
const byName: Readonly<Record<string, ForeignRun["status"]>> = {
  RUNNING: "running",
  FINISHED: "finished",
  FAILED: "failed",
  KILLED: "killed",
};

/** MLflow's status: a number in files, a word in a database. */
export const mlflowStatus = (given: unknown): ForeignRun["status"] =>
  (typeof given === "number" ? byNumber[given] : byName[String(given)]) ?? "unknown";

/** What tags say of a run beside themselves. */
export function addTags(run: ForeignRun, tags: Readonly<Record<string, string>>) {
  run.tags = { ...tags };
  run.gitCommit = tags["mlflow.source.git.commit"] ?? null;
  run.parent = tags["mlflow.parentRunId"] ?? null;
  if (run.name === run.source.id) run.name = tags["mlflow.runName"] ?? run.name;
}

export type MlflowRun = { run: ForeignRun; isDeleted: boolean };

/** Training runs, and beside them what only groups runs or was deleted. */
export function sortedOut(found: readonly MlflowRun[]): { runs: ForeignRun[]; setAside: SetAside[] } {
  const parents = new Set(found.map(({ run }) => run.parent));
  const setAside: SetAside[] = [];
  const runs = found.flatMap(({ run, isDeleted }) => {
    const { id } = run.source;
    if (isDeleted)
      setAside.push({
        id,
        name: run.name,
        why: "deleted",
        reason: "was deleted in MLflow and lies in its trash",
      });
    else if (parents.has(id) && Object.keys(run.metrics).length === 0)
      setAside.push({
        id,
        name: run.name,
        why: "parent",
        reason: "groups other runs and has no metric of its own",
      });
    else return [run];
    return [];
  });
  for (const run of runs) {
    if (run.status === "running") run.doubtful = "says that it runs: it may have been lost with its machine";
  }
  markShortRuns(runs);
  return { runs, setAside };
}
