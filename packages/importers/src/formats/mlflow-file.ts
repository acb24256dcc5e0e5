import { folderOf, nameOf, type Reading, textOf, warn } from "../files/reading.js";
import { addPoint, type Histories, heldMetrics } from "../values/histories.js";
import { isObject } from "../values/loose-json.js";
import { flatParams } from "../values/params.js";
import { numberOf } from "../values/python-text.js";
import { emptyRun } from "../values/run.js";
import { isoOf } from "../values/times.js";
import { yamlFault, yamlValue } from "../values/yaml.js";
import { scoresIn } from "./artifact-tables.js";
import type { Found } from "./found.js";
import { addTags, type MlflowRun, mlflowStatus, sortedOut } from "./mlflow.js";

/** Whether the text of a `meta.yaml` is that of a run. */
export const isRunMeta = (text: string) => /^run_(uu)?id:/m.test(text);

const flat = /^([A-Za-z_]\w*): ?(?:'((?:[^'\n]|'')*)'|(-?\d+)|([A-Za-z][\w./: -]*)|(null|))$/;

/** A `meta.yaml`: names and plain values, a line each; a text in another notation is left to the library. */
function metaOf(text: string): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const line of text.trimEnd().split("\n")) {
    if (line === "tags: []") continue;
    const match = flat.exec(line);
    if (match === null || match[4]?.includes(": ") || /^(true|false|yes|no|on|off)$/i.test(match[4] ?? "")) {
      const whole = yamlValue(text, "pyyaml");
      return isObject(whole) ? whole : {};
    }
    const [, name = "", quoted, number, word] = match;
    values[name] = quoted?.replaceAll("''", "'") ?? (number === undefined ? (word ?? null) : Number(number));
  }
  return values;
}

/** Runs of a file store: `<experiment>/<run>/meta.yaml` with `metrics`, `params` and `tags` beside it, a file a name. */
export function readMlflowFile(reading: Reading): Found {
  const metas = reading.files.filter((file) => nameOf(file) === "meta.yaml");
  const inside = new Map(metas.map((file) => [folderOf(file), [] as string[]]));
  for (const file of reading.files) {
    const kind = file.search(/(^|\/)(metrics|params|tags|artifacts)\//);
    if (kind >= 0) inside.get(kind === 0 ? "" : file.slice(0, kind))?.push(file);
  }
  const names = new Map<string, string>();
  const found: MlflowRun[] = [];
  for (const meta of metas) {
    const text = textOf(reading, meta);
    if (text === null) continue;
    try {
      const values = metaOf(text);
      if (isRunMeta(text)) found.push(runOf(reading, meta, values, inside.get(folderOf(meta)) ?? []));
      else if (typeof values.name === "string") names.set(String(values.experiment_id), values.name);
      else warn(reading, meta, text.trim() === "" ? "is empty" : "names neither a run nor an experiment");
    } catch (error) {
      warn(reading, meta, yamlFault(error));
    }
  }
  for (const { run } of found) run.group = names.get(run.group ?? "") ?? run.group;
  return sortedOut(found);
}

function runOf(
  reading: Reading,
  meta: string,
  values: Record<string, unknown>,
  files: readonly string[],
): MlflowRun {
  const folder = folderOf(meta);
  const id = String(values.run_id ?? values.run_uuid);
  const run = emptyRun("mlflow-file", id, folder || ".");
  run.name = typeof values.run_name === "string" && values.run_name !== "" ? values.run_name : id;
  run.status = mlflowStatus(values.status);
  const start = typeof values.start_time === "number" ? values.start_time : null;
  run.startedAt = isoOf(start);
  run.endedAt = isoOf(typeof values.end_time === "number" ? values.end_time : null);
  run.group = values.experiment_id === undefined ? null : String(values.experiment_id);
  const params: Record<string, string> = {};
  const tags: Record<string, string> = {};
  const histories: Histories = new Map();
  const artifacts: string[] = [];
  for (const file of files) {
    const inner = folder === "" ? file : file.slice(folder.length + 1);
    const kind = inner.slice(0, inner.indexOf("/"));
    const name = inner.slice(kind.length + 1);
    if (kind === "artifacts") artifacts.push(name);
    else if (kind === "params") params[name] = textOf(reading, file) ?? "";
    else if (kind === "tags") tags[name] = textOf(reading, file) ?? "";
    else addMetric(reading, file, name, histories);
  }
  // A slash is part of a name here, not a level.
  Object.assign(run, flatParams(params));
  addTags(run, tags);
  run.metrics = heldMetrics(histories, "float64", start);
  run.artifacts = artifacts;
  const beside = files.filter((file) => file.includes("/artifacts/") || file.startsWith("artifacts/"));
  run.tables = scoresIn(reading, beside);
  return { run, isDeleted: values.lifecycle_stage === "deleted" || /(^|\/)\.trash\//.test(meta) };
}

/** Lines of `milliseconds value step`; older ones have no step. */
function addMetric(reading: Reading, file: string, name: string, histories: Histories) {
  const text = textOf(reading, file);
  if (text === null) return;
  let broken = 0;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [time, value = "", step = "0", ...more] = line.split(" ");
    const number = numberOf(value);
    const place = Number(step);
    if (number === null || more.length > 1 || !Number.isInteger(place)) broken += 1;
    else addPoint(histories, name, place, number, Number(time));
  }
  if (broken > 0)
    warn(reading, file, `has ${broken} ${broken === 1 ? "line" : "lines"} that are no \`time value step\``);
  else if (text === "") warn(reading, file, "is empty");
}
