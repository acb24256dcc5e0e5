import type { ForeignRun } from "@reprise/contracts";
import { type Reading, warn } from "../files/reading.js";
import type { Scratch } from "../files/unpacked.js";
import type { Database } from "../sqlite/database.js";
import { eachDatabase, scanWhole } from "../sqlite/found-databases.js";
import { addPoint, type Histories, heldMetrics } from "../values/histories.js";
import { flatParams } from "../values/params.js";
import { emptyRun } from "../values/run.js";
import { isoOf } from "../values/times.js";
import { scoresIn } from "./artifact-tables.js";
import type { Found } from "./found.js";
import { addTags, type MlflowRun, mlflowStatus, sortedOut } from "./mlflow.js";

/** MLflow writes ±Infinity as the greatest number a double holds. */
const greatest = 1.7976931348623157e308;
const storedValue = (value: number, isNan: boolean) =>
  isNan
    ? Number.NaN
    : value >= greatest
      ? Number.POSITIVE_INFINITY
      : value <= -greatest
        ? Number.NEGATIVE_INFINITY
        : value;

type Open = {
  run: ForeignRun;
  isDeleted: boolean;
  start: number | null;
  params: Record<string, string>;
  tags: Record<string, string>;
  histories: Histories;
};

/** Databases of MLflow (2.x and 3.x). Rows are taken in the order in which they were inserted. */
export async function readMlflowSqlite(reading: Reading, scratch: Scratch): Promise<Found> {
  const artifacts = artifactsByRun(reading);
  const found: MlflowRun[] = [];
  await eachDatabase(reading, "mlflow-sqlite", scratch, (database, file) => {
    for (const open of runsIn(reading, database, file)) {
      const { run, isDeleted, start, params, tags, histories } = open;
      Object.assign(run, flatParams(params));
      addTags(run, tags);
      run.metrics = heldMetrics(histories, "float64", start);
      histories.clear();
      const files = artifacts.get(run.source.id) ?? [];
      run.artifacts = files.map((path) => path.slice(path.indexOf("/artifacts/") + "/artifacts/".length));
      run.tables = scoresIn(reading, files);
      found.push({ run, isDeleted });
    }
  });
  return sortedOut(found);
}

function artifactsByRun(reading: Reading): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of reading.files) {
    const id = /(?:^|\/)([0-9a-f]{32})\/artifacts\//.exec(file)?.[1];
    if (id === undefined) continue;
    const list = found.get(id) ?? [];
    list.push(file);
    found.set(id, list);
  }
  return found;
}

function runsIn(reading: Reading, database: Database, file: string): Open[] {
  const experiments = new Map<number, { name: string; isDeleted: boolean }>();
  const scan = (table: string, columns: string[], visit: Parameters<Database["scan"]>[2]) =>
    scanWhole(reading, file, database, table, columns, visit);
  scan("experiments", ["experiment_id", "name", "lifecycle_stage"], ([id, name, stage]) => {
    experiments.set(Number(id), { name: String(name), isDeleted: stage === "deleted" });
  });
  const runs = new Map<string, Open>();
  const columns = [
    "run_uuid",
    "name",
    "status",
    "start_time",
    "end_time",
    "lifecycle_stage",
    "experiment_id",
  ];
  scan("runs", columns, ([uuid, name, status, start, end, stage, experimentId]) => {
    const run = emptyRun("mlflow-sqlite", String(uuid), file);
    const experiment = experiments.get(Number(experimentId));
    if (typeof name === "string" && name !== "") run.name = name;
    run.status = mlflowStatus(status);
    run.startedAt = isoOf(typeof start === "number" ? start : null);
    run.endedAt = isoOf(typeof end === "number" ? end : null);
    run.group = experiment?.name ?? null;
    const isDeleted = stage === "deleted" || experiment?.isDeleted === true;
    runs.set(run.source.id, {
      run,
      isDeleted,
      start: typeof start === "number" ? start : null,
      params: {},
      tags: {},
      histories: new Map(),
    });
  });
  scan("params", ["key", "value", "run_uuid"], ([key, value, uuid]) => {
    const open = runs.get(String(uuid));
    if (open !== undefined) open.params[String(key)] = String(value ?? "");
  });
  scan("tags", ["key", "value", "run_uuid"], ([key, value, uuid]) => {
    const open = runs.get(String(uuid));
    if (open !== undefined) open.tags[String(key)] = String(value ?? "");
  });
  addMetrics(reading, file, scan, runs);
  return [...runs.values()];
}

function addMetrics(
  reading: Reading,
  file: string,
  scan: (table: string, columns: string[], visit: Parameters<Database["scan"]>[2]) => void,
  runs: ReadonlyMap<string, Open>,
) {
  let points = 0;
  let lost = 0;
  let lastRun = "";
  let histories: Histories | undefined;
  scan(
    "metrics",
    ["key", "value", "timestamp", "run_uuid", "step", "is_nan"],
    ([key, value, time, uuid, step, isNan]) => {
      if (uuid !== lastRun) {
        lastRun = uuid as string;
        histories = runs.get(lastRun)?.histories;
      }
      if (histories === undefined) {
        lost += 1;
        return;
      }
      points += 1;
      if (points > reading.limits.points) return;
      addPoint(histories, key as string, Number(step), storedValue(Number(value), isNan === 1), Number(time));
    },
  );
  if (lost > 0) warn(reading, file, `${lost} points belong to no run of the database`);
  if (points > reading.limits.points) {
    warn(
      reading,
      file,
      `holds ${points} points, of which the first ${reading.limits.points} were read: import one experiment at a time`,
    );
  }
}
