import type { ForeignRun } from "@reprise/contracts";
import { folderOf, nameOf, type Reading, textOf, warn } from "../files/reading.js";
import { addPoint, type Histories, heldMetrics } from "../values/histories.js";
import { deepWords, isObject, measuredOf, shallowJson } from "../values/loose-json.js";
import { flatParams } from "../values/params.js";
import { emptyRun, markShortRuns } from "../values/run.js";
import { isoOf, millisecondsOf } from "../values/times.js";
import { scoresIn } from "./artifact-tables.js";
import type { Found } from "./found.js";

const statusOf: Readonly<Record<string, ForeignRun["status"]>> = {
  COMPLETED: "finished",
  FAILED: "failed",
  INTERRUPTED: "killed",
  TIMEOUT: "killed",
  RUNNING: "running",
};
const own = new Set(["run.json", "config.json", "metrics.json", "cout.txt", "info.json"]);

/** Whether the text of a `run.json` is Sacred's. */
export const isSacredRun = (text: string) => text.includes('"heartbeat"') || text.includes('"experiment"');

/** A value as Sacred stores it: a number, or what jsonpickle makes of one of numpy's. */
const numberIn = (value: unknown): number | null =>
  isObject(value) && Object.hasOwn(value, "value") ? measuredOf(value.value) : measuredOf(value);

/** Folders of Sacred's FileStorageObserver. Its times are UTC. */
export function readSacred(reading: Reading): Found {
  const byFolder = new Map<string, string[]>();
  for (const file of reading.files) {
    const list = byFolder.get(folderOf(file));
    if (list === undefined) byFolder.set(folderOf(file), [file]);
    else list.push(file);
  }
  const runs = [...byFolder]
    .filter(([, files]) => files.some((file) => nameOf(file) === "run.json"))
    .flatMap(([folder, files]) => {
      const read = (name: string) => {
        const file = files.find((path) => nameOf(path) === name);
        const text = file === undefined ? null : textOf(reading, file);
        const { value, leftOut } = shallowJson(text ?? "");
        if (file !== undefined && leftOut.length > 0) warn(reading, file, deepWords(leftOut));
        else if (file !== undefined && text !== null && value === undefined)
          warn(reading, file, "is not complete JSON: it was cut off");
        return isObject(value) ? value : null;
      };
      const record = read("run.json");
      const config = read("config.json");
      if (record === null && config === null) return [];
      const run = emptyRun("sacred", folder === "" ? reading.name : folder, folder || ".");
      run.name = nameOf(run.source.id);
      Object.assign(run, flatParams(config ?? {}));
      addRecord(run, record ?? {});
      const histories: Histories = new Map();
      for (const [name, history] of Object.entries(read("metrics.json") ?? {})) {
        if (!isObject(history) || !Array.isArray(history.steps) || !Array.isArray(history.values)) continue;
        const times = Array.isArray(history.timestamps) ? history.timestamps : [];
        for (const [index, step] of history.steps.entries()) {
          const value = numberIn(history.values[index]);
          if (typeof step === "number" && value !== null)
            addPoint(histories, name, step, value, millisecondsOf(times[index]) ?? Number.NaN);
        }
      }
      run.metrics = heldMetrics(histories, "float64", millisecondsOf(record?.start_time));
      run.artifacts = files.map(nameOf).filter((name) => !own.has(name));
      run.tables = scoresIn(
        reading,
        files.filter((file) => !own.has(nameOf(file))),
      );
      return [run];
    });
  markShortRuns(runs);
  return { runs };
}

function addRecord(run: ForeignRun, record: Record<string, unknown>) {
  run.status = statusOf[String(record.status)] ?? "unknown";
  run.startedAt = isoOf(millisecondsOf(record.start_time));
  run.endedAt = isoOf(millisecondsOf(record.stop_time));
  if (isObject(record.host) && typeof record.host.hostname === "string") run.host = record.host.hostname;
  const trace = record.fail_trace;
  if (Array.isArray(trace)) run.error = trace.map(String).join("").trim().split("\n").at(-1) ?? null;
  const result = measuredOf(record.result);
  if (result !== null) run.summary.result = result;
  const repositories = isObject(record.experiment) ? record.experiment.repositories : undefined;
  const [repository] = Array.isArray(repositories) ? repositories : [];
  if (isObject(repository) && typeof repository.commit === "string") run.gitCommit = repository.commit;
  if (run.status === "running") run.doubtful = "says that it runs: it may have been lost with its machine";
}
