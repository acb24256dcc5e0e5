import type { ForeignRun } from "@reprise/contracts";
import { type Reading, textOf, warn } from "../files/reading.js";
import type { Scratch } from "../files/unpacked.js";
import type { Cell, Database } from "../sqlite/database.js";
import { eachDatabase, scanWhole } from "../sqlite/found-databases.js";
import { addPoint, type Histories, heldMetrics } from "../values/histories.js";
import { deepWords, isObject, measuredOf, shallowJson, tryJson } from "../values/loose-json.js";
import { flatParams, heldTags } from "../values/params.js";
import { emptyRun, markShortRuns } from "../values/run.js";
import { isoOf, millisecondsOf } from "../values/times.js";
import type { Found } from "./found.js";

/** A trial while it is read. */
type Trial = {
  study: number;
  number: number;
  /** Optuna's word, or null for one that only waits. */
  state: string;
  start: number | null;
  end: number | null;
  params: Record<string, unknown>;
  attributes: Record<string, unknown>;
  reported: Map<number, number>;
  values: Map<number, number>;
};
type Study = { name: string; metrics: string[] | null; attributes: Record<string, unknown> };

const statuses: Readonly<Record<string, ForeignRun["status"]>> = {
  RUNNING: "running",
  COMPLETE: "finished",
  PRUNED: "pruned",
  FAIL: "failed",
};

const newTrial = (study: number, number: number): Trial => ({
  study,
  number,
  state: "WAITING",
  start: null,
  end: null,
  params: {},
  attributes: {},
  reported: new Map(),
  values: new Map(),
});

/** What a number in the database stands for: of a categorical parameter it is the place among its choices. */
function suggested(internal: number, distribution: unknown): unknown {
  if (!isObject(distribution) || !isObject(distribution.attributes)) return internal;
  const { choices } = distribution.attributes;
  if (Array.isArray(choices)) return choices[internal] ?? null;
  return internal;
}

function runOf(
  format: "optuna-sqlite" | "optuna-journal",
  trial: Trial,
  study: Study | undefined,
  file: string,
  many: boolean,
) {
  const id = many ? `${study?.name ?? trial.study}/${trial.number}` : String(trial.number);
  const run = emptyRun(format, id, file);
  run.name = `trial ${trial.number}`;
  run.status = statuses[trial.state] ?? "unknown";
  run.startedAt = isoOf(trial.start);
  run.endedAt = isoOf(trial.end);
  run.group = study?.name ?? null;
  Object.assign(run, flatParams(trial.params));
  run.tags = heldTags(trial.attributes);
  const commit = study?.attributes.git_commit;
  if (typeof commit === "string") run.gitCommit = commit;
  const histories: Histories = new Map();
  const reported = study?.metrics?.length === 1 ? (study.metrics[0] as string) : "intermediate_value";
  for (const [step, value] of trial.reported) addPoint(histories, reported, step, value);
  run.metrics = heldMetrics(histories, "float64");
  for (const [objective, value] of trial.values) {
    const name = study?.metrics?.[objective] ?? (trial.values.size === 1 ? "value" : `values_${objective}`);
    run.summary[Object.hasOwn(run.metrics, name) ? `${name} (objective)` : name] = value;
  }
  if (run.status === "failed" && trial.reported.size > 0)
    run.remarks.push("Optuna counts a trial as failed also where its objective was NaN");
  if (run.status === "running") run.doubtful = "says that it runs: it may have been lost with its machine";
  return run;
}

function runsOf(
  format: "optuna-sqlite" | "optuna-journal",
  trials: Iterable<Trial>,
  studies: ReadonlyMap<number, Study>,
  file: string,
) {
  return [...trials]
    .filter(({ state }) => state !== "WAITING")
    .map((trial) => runOf(format, trial, studies.get(trial.study), file, studies.size > 1));
}

const cellTime = (cell: Cell | undefined) => millisecondsOf(cell);

/** A stored value by its kind: FINITE, INF_POS, INF_NEG, NAN. */
function stored(value: Cell | undefined, kind: Cell | undefined): number {
  if (kind === "INF_POS") return Number.POSITIVE_INFINITY;
  if (kind === "INF_NEG") return Number.NEGATIVE_INFINITY;
  return kind === "NAN" || value === null || value === undefined ? Number.NaN : Number(value);
}

/** Databases of Optuna: a trial is a run, its intermediate values the only history. */
export async function readOptunaSqlite(reading: Reading, scratch: Scratch): Promise<Found> {
  const runs: ForeignRun[] = [];
  await eachDatabase(reading, "optuna-sqlite", scratch, (database, file) => {
    const scan = (table: string, columns: string[], visit: Parameters<Database["scan"]>[2]) =>
      scanWhole(reading, file, database, table, columns, visit);
    const studies = new Map<number, Study>();
    const trials = new Map<number, Trial>();
    const deep: string[] = [];
    scan("studies", ["study_id", "study_name"], ([id, name]) => {
      studies.set(Number(id), { name: String(name), metrics: null, attributes: {} });
    });
    scan("study_user_attributes", ["study_id", "key", "value_json"], ([id, key, json]) => {
      const study = studies.get(Number(id));
      if (study !== undefined) study.attributes[String(key)] = tryJson(String(json));
    });
    scan("study_system_attributes", ["study_id", "key", "value_json"], ([id, key, json]) => {
      const names = key === "study:metric_names" ? tryJson(String(json)) : undefined;
      const study = studies.get(Number(id));
      if (study !== undefined && Array.isArray(names)) study.metrics = names.map(String);
    });
    const columns = ["trial_id", "number", "study_id", "state", "datetime_start", "datetime_complete"];
    scan("trials", columns, ([id, number, study, state, start, end]) => {
      const trial = newTrial(Number(study), Number(number));
      Object.assign(trial, { state: String(state), start: cellTime(start), end: cellTime(end) });
      trials.set(Number(id), trial);
    });
    scan(
      "trial_params",
      ["trial_id", "param_name", "param_value", "distribution_json"],
      ([id, name, value, json]) => {
        const trial = trials.get(Number(id));
        if (trial !== undefined) trial.params[String(name)] = suggested(Number(value), tryJson(String(json)));
      },
    );
    scan("trial_user_attributes", ["trial_id", "key", "value_json"], ([id, key, json]) => {
      const trial = trials.get(Number(id));
      if (trial === undefined) return;
      const { value, leftOut } = shallowJson(String(json));
      deep.push(...leftOut.map((part) => (part === "" ? String(key) : `${key}.${part}`)));
      if (value !== undefined || leftOut.length === 0) trial.attributes[String(key)] = value;
    });
    if (deep.length > 0) warn(reading, file, deepWords(deep));
    const reported = ["trial_id", "step", "intermediate_value", "intermediate_value_type"];
    scan("trial_intermediate_values", reported, ([id, step, value, kind]) => {
      trials.get(Number(id))?.reported.set(Number(step), stored(value, kind));
    });
    scan("trial_values", ["trial_id", "objective", "value", "value_type"], ([id, objective, value, kind]) => {
      trials.get(Number(id))?.values.set(Number(objective), stored(value, kind));
    });
    runs.push(...runsOf("optuna-sqlite", trials.values(), studies, file));
  });
  markShortRuns(runs);
  return { runs, tagsAre: "user_attrs" };
}

/** Whether a file is a journal: a first line that says what was done, by whom. */
export const isJournalHead = (head: Buffer) => /^\{[^\n]*"op_code": ?\d+/.test(head.toString("utf8"));

const journalStates = ["RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING"];
const instantOf = (value: unknown) => (typeof value === "string" ? millisecondsOf(value) : null);

/** One line of a journal, by Optuna's number of what was done (optuna/storages/journal/_storage.py). */
function replay(
  entry: Record<string, unknown>,
  studies: Map<number, Study>,
  trials: Trial[],
  perStudy: Map<number, number>,
) {
  const study = studies.get(Number(entry.study_id));
  const trial = trials[Number(entry.trial_id)];
  const attributes = (given: unknown) => (isObject(given) ? given : {});
  if (entry.op_code === 0) {
    studies.set(studies.size, { name: String(entry.study_name), metrics: null, attributes: {} });
  } else if (entry.op_code === 2 && study !== undefined)
    Object.assign(study.attributes, attributes(entry.user_attr));
  else if (entry.op_code === 3 && study !== undefined) {
    const names = attributes(entry.system_attr)["study:metric_names"];
    if (Array.isArray(names)) study.metrics = names.map(String);
  } else if (entry.op_code === 4) {
    const id = Number(entry.study_id);
    const number = perStudy.get(id) ?? 0;
    perStudy.set(id, number + 1);
    const made = newTrial(id, number);
    if (typeof entry.state === "number") made.state = journalStates[entry.state] ?? "WAITING";
    made.start = instantOf(entry.datetime_start);
    made.end = instantOf(entry.datetime_complete);
    const distributions = attributes(entry.distributions);
    for (const [name, value] of Object.entries(attributes(entry.params)))
      made.params[name] = suggested(Number(value), tryJson(String(distributions[name])));
    Object.assign(made.attributes, attributes(entry.user_attrs));
    for (const [step, value] of Object.entries(attributes(entry.intermediate_values)))
      made.reported.set(Number(step), measuredOf(value) ?? Number.NaN);
    setValues(made, entry);
    trials.push(made);
  } else if (trial === undefined) return;
  else if (entry.op_code === 5)
    trial.params[String(entry.param_name)] = suggested(
      Number(entry.param_value_internal),
      tryJson(String(entry.distribution)),
    );
  else if (entry.op_code === 6) {
    if (typeof entry.state === "number") trial.state = journalStates[entry.state] ?? trial.state;
    trial.start = instantOf(entry.datetime_start) ?? trial.start;
    trial.end = instantOf(entry.datetime_complete) ?? trial.end;
    setValues(trial, entry);
  } else if (entry.op_code === 7)
    trial.reported.set(Number(entry.step), measuredOf(entry.intermediate_value) ?? Number.NaN);
  else if (entry.op_code === 8) Object.assign(trial.attributes, attributes(entry.user_attr));
}

function setValues(trial: Trial, entry: Record<string, unknown>) {
  const values = Array.isArray(entry.values) ? entry.values : [];
  for (const [objective, value] of values.entries())
    trial.values.set(objective, measuredOf(value) ?? Number.NaN);
}

/** Optuna's journal files: every change of a study, a line each. */
export function readOptunaJournal(reading: Reading, files: readonly string[]): Found {
  const runs = files.flatMap((file) => {
    const studies = new Map<number, Study>();
    const trials: Trial[] = [];
    const perStudy = new Map<number, number>();
    const deep: string[] = [];
    let broken = 0;
    for (const line of (textOf(reading, file) ?? "").split("\n")) {
      if (line.trim() === "") continue;
      const { value: entry, leftOut } = shallowJson(line);
      deep.push(...leftOut);
      if (isObject(entry)) replay(entry, studies, trials, perStudy);
      else broken += 1;
    }
    if (deep.length > 0) warn(reading, file, deepWords(deep));
    if (broken > 0) warn(reading, file, `has ${broken} ${broken === 1 ? "line" : "lines"} that are not JSON`);
    return runsOf("optuna-journal", trials, studies, file);
  });
  markShortRuns(runs);
  return { runs, tagsAre: "user_attrs" };
}
