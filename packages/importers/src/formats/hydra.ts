import { folderOf, nameOf, type Reading, textOf, warn } from "../files/reading.js";
import { addPoint, type Histories, heldMetrics } from "../values/histories.js";
import { isObject, measuredOf, tryJson } from "../values/loose-json.js";
import { flatParams } from "../values/params.js";
import { emptyRun, markShortRuns } from "../values/run.js";
import { yamlFault, yamlValue } from "../values/yaml.js";
import { addRows, counterOf, csvIn } from "./csv-histories.js";
import { emptyFolder, readEventFile } from "./event-file.js";
import type { Found } from "./found.js";
import { isEventFile } from "./tensorboard.js";

const settings = ".hydra/config.yaml";
export const isHydraConfig = (file: string) => file === settings || file.endsWith(`/${settings}`);

const counters = ["step", "global_step", "epoch", "iteration"];

/** Rows of JSON: one metric a row ({ step, metric, value }), or all of a step ({ epoch, loss, … }). */
export function addJsonLines(text: string, histories: Histories): { broken: number } {
  let broken = 0;
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const row = tryJson(line);
    if (!isObject(row)) {
      broken += 1;
      continue;
    }
    const counter = counters.find((name) => typeof row[name] === "number");
    if (counter === undefined) continue;
    const step = row[counter] as number;
    const name = row.metric ?? row.name ?? row.key;
    const value = measuredOf(row.value);
    if (typeof name === "string" && value !== null) {
      addPoint(histories, name, step, value);
      continue;
    }
    const add = (key: string, item: unknown) => {
      const number = measuredOf(item);
      if (number !== null) addPoint(histories, key, step, number);
      else if (isObject(item)) for (const [inner, part] of Object.entries(item)) add(`${key}.${inner}`, part);
    };
    for (const [key, item] of Object.entries(row)) if (key !== counter) add(key, item);
  }
  return { broken };
}

/**
 * Jobs of Hydra, of `--multirun` or single ones: a folder with `.hydra/config.yaml`. Hydra writes no metrics: the program's own
 * JSON lines, CSV and event files in the job's folder are read.
 */
export function readHydra(reading: Reading): Found {
  const jobs = reading.files.filter(isHydraConfig).map((file) => folderOf(folderOf(file)));
  const filesOf = new Map(jobs.map((job) => [job, [] as string[]]));
  for (const file of reading.files) {
    for (let folder = folderOf(file); ; folder = folderOf(folder)) {
      const list = filesOf.get(folder);
      if (list !== undefined) {
        list.push(file);
        break;
      }
      if (folder === "") break;
    }
  }
  const runs = jobs.map((job) => runOf(reading, job, filesOf.get(job) ?? []));
  markShortRuns(runs);
  return { runs };
}

function runOf(reading: Reading, job: string, files: readonly string[]) {
  const run = emptyRun("hydra", job === "" ? reading.name : job, job || ".");
  run.name = nameOf(run.source.id);
  const config = files.find(isHydraConfig);
  const text = config === undefined ? null : textOf(reading, config);
  if (text !== null && config !== undefined) {
    try {
      Object.assign(run, flatParams(yamlValue(text, "omegaconf") ?? {}));
    } catch (error) {
      warn(reading, config, yamlFault(error));
    }
  }
  if (Object.values(run.params).some((value) => typeof value === "string" && value.includes("${"))) {
    run.remarks.push("settings hold references to other settings unresolved, as Hydra stores them");
  }
  const histories: Histories = new Map();
  const events = emptyFolder();
  for (const file of files) {
    if (file.includes("/.hydra/") || file.startsWith(".hydra/")) continue;
    if (isEventFile(file)) readEventFile(reading, file, events);
    else if (/\.(jsonl|ndjson)$/i.test(file)) {
      const { broken } = addJsonLines(textOf(reading, file) ?? "", histories);
      if (broken > 0)
        warn(reading, file, `has ${broken} ${broken === 1 ? "line" : "lines"} that are not JSON`);
    } else if (/\.csv$/i.test(file)) {
      const table = csvIn(reading, file);
      const counter = table === null ? null : counterOf(table.header);
      if (table !== null && counter !== null) addRows(table, counter, histories);
    }
  }
  run.metrics = { ...heldMetrics(events.histories, "float32"), ...heldMetrics(histories, "float64") };
  const log = files.filter((file) => file.endsWith(".log")).map((file) => textOf(reading, file) ?? "");
  const failure = log
    .flatMap((lines) => lines.split("\n"))
    .find((line) => /^Traceback \(|Error executing job/.test(line));
  if (failure !== undefined)
    run.doubtful = "its log holds a traceback: Hydra keeps no other mark of a job that failed";
  return run;
}
