import type { ForeignRun, ForeignSeries, ForeignTable } from "@reprise/contracts";
import { folderOf, nameOf, type Reading, textOf } from "../files/reading.js";
import { addPoint, type Histories, heldMetrics, supersededIn } from "../values/histories.js";
import { isObject, measuredOf, tryJson } from "../values/loose-json.js";
import { flatParams } from "../values/params.js";
import { emptyRun, markShortRuns } from "../values/run.js";
import { isoOf, millisecondsOf } from "../values/times.js";
import type { Found } from "./found.js";
import { tableOf } from "./tables.js";
import { readStore, type StoreRows, type WandbStore } from "./wandb-store.js";

/** Metrics by which programs count, where the source's own steps began anew. */
const counters = ["epoch", "trainer/global_step", "global_step", "step", "iteration", "iter", "train/step"];

/** Offline folders of W&B: `offline-run-*`/`run-*.wandb`. Folders with the id of one run are its attempts. */
export function readWandbOffline(reading: Reading): Found {
  const files = reading.files.filter((file) => file.endsWith(".wandb"));
  const besides = filesByFolder(reading, files);
  const attempts = new Map<string, ForeignRun | WandbStore[]>();
  const starts = new Map<string, number>();
  for (const file of files) starts.set(idInName(file), (starts.get(idInName(file)) ?? 0) + 1);
  for (const file of files) {
    const store = readStore(reading, file);
    if (store === null) continue;
    const known = attempts.get(store.id);
    // A run of one folder is finished at once, so that its rows need not be kept beside its histories.
    if (known === undefined && starts.get(idInName(file)) === 1 && store.id === idInName(file)) {
      attempts.set(store.id, runOf([store], reading, besides));
    } else if (known === undefined || !Array.isArray(known))
      attempts.set(known === undefined ? store.id : store.file, [store]);
    else known.push(store);
  }
  const runs = [...attempts.values()].map((found) =>
    Array.isArray(found) ? runOf(found, reading, besides) : found,
  );
  markShortRuns(runs);
  return { runs };
}

const idInName = (file: string) => /^run-(.+)\.wandb$/.exec(nameOf(file))?.[1] ?? file;

/** What lies in the folder `files` beside each store. */
function filesByFolder(reading: Reading, stores: readonly string[]): Map<string, string[]> {
  const found = new Map(stores.map((file) => [folderOf(file), [] as string[]]));
  for (const file of reading.files) {
    const at = file.lastIndexOf("files/");
    if (at < 0) continue;
    for (let place = file.indexOf("files/"); place >= 0; place = file.indexOf("files/", place + 1)) {
      const folder = place === 0 ? "" : file.slice(0, place - 1);
      const list = found.get(folder);
      if (list === undefined) continue;
      list.push(file);
      break;
    }
  }
  return found;
}

function runOf(
  given: readonly WandbStore[],
  reading: Reading,
  besides: ReadonlyMap<string, string[]>,
): ForeignRun {
  const stores = given.toSorted((a, b) => (a.start ?? 0) - (b.start ?? 0) || (a.file < b.file ? -1 : 1));
  const first = stores[0] as WandbStore;
  const last = stores.at(-1) as WandbStore;
  const files = stores.flatMap((store) => besides.get(store.folder) ?? []);
  const run = emptyRun("wandb-offline", first.id, first.folder || first.file);
  const config = Object.assign({}, ...stores.map((store) => store.config));
  delete config._wandb;
  Object.assign(run, flatParams(config));
  run.name = last.name ?? first.name ?? first.id;
  run.tags = Object.fromEntries(stores.flatMap((store) => store.tags).map((tag) => [tag, true]));
  run.group = last.group;
  run.jobType = last.jobType;
  run.host = last.host;
  run.gitCommit = last.commit;
  run.attempts = stores.length;
  const start = first.start ?? startInMetadata(reading, files);
  run.startedAt = isoOf(start);
  const isOver = last.exitCode !== null;
  run.status = !isOver ? "running" : last.exitCode === 0 ? "finished" : "failed";
  run.endedAt = isOver ? isoOf(lastTimeOf(stores, last.start ?? 0)) : null;
  if (last.exitCode !== null && last.exitCode !== 0) run.error = `exit code ${last.exitCode}`;
  if (!isOver) run.doubtful = "has no exit record: it may be running, or was lost with its machine";
  addMetrics(run, stores, start);
  addSummary(run, stores);
  run.tables = tablesOf(reading, files);
  const own =
    /^(wandb-(metadata|summary)\.json|config\.yaml|requirements\.txt|output\.log|conda-environment\.yaml)$/;
  run.artifacts = files
    .map((file) => file.slice(file.lastIndexOf("files/") + 6))
    .filter((file) => !own.test(file));
  if (stores.length > 1) run.remarks.push(`was resumed: ${stores.length} folders hold one run`);
  const other = [...new Set(stores.flatMap((store) => [...store.other]))];
  if (other.length > 0) run.remarks.push(`also logged what is not a number: ${other.slice(0, 8).join(", ")}`);
  return run;
}

/** The latest moment at which something was logged, from `start` on. */
function lastTimeOf(stores: readonly WandbStore[], start: number): number {
  let latest = start;
  for (const { rows } of stores) for (const time of rows.times) if (time > latest) latest = time;
  return latest;
}

function startInMetadata(reading: Reading, files: readonly string[]): number | null {
  const file = files.find((path) => nameOf(path) === "wandb-metadata.json");
  const text = file === undefined ? null : textOf(reading, file);
  const metadata = text === null ? null : tryJson(text);
  return isObject(metadata) ? millisecondsOf(metadata.startedAt) : null;
}

/** The metric that goes on where the steps of a resumed run began anew; null where none does. */
function goingOn(stores: readonly WandbStore[]): string | null {
  const named = stores.map(({ stepMetric }) => stepMetric).filter((name) => name !== null);
  return (
    [...named, ...counters].find((name) =>
      stores.every(({ rows }) => {
        const column = rows.columns.get(name);
        return rows.steps.length === 0 || column?.rows.length === rows.steps.length;
      }),
    ) ?? null
  );
}

const beganAnew = (parts: readonly StoreRows[]) =>
  parts.some((part, index) => {
    const before = parts.slice(0, index).find(({ steps }) => steps.length > 0);
    const [from] = part.steps;
    return before !== undefined && from !== undefined && from <= (before.steps[0] as number);
  });

function addMetrics(run: ForeignRun, stores: readonly WandbStore[], start: number | null) {
  const parts = stores.map(({ rows }) => rows);
  const histories: Histories = new Map();
  for (const { steps, times, columns } of parts) {
    for (const [name, { rows, values }] of columns) {
      // A metric of every row has the rows' own steps and times; so have all such metrics of the run.
      if (parts.length === 1 && rows.length === steps.length)
        histories.set(name, { steps, values, times, follows: false });
      else
        for (const [index, row] of rows.entries())
          addPoint(histories, name, steps[row] as number, values[index] as number, times[row]);
    }
  }
  run.metrics = heldMetrics(histories, "float64", start);
  if (!beganAnew(parts)) return;
  const counter = goingOn(stores);
  if (counter === null) {
    run.doubtful ??=
      "was resumed and counts its steps from the start again: which of its points continue the earlier ones is not recorded";
    return;
  }
  run.stepMetric = counter;
  run.remarks.push(
    `counts its steps from the start again after it was resumed; \`${counter}\` continues and gives the positions of its points`,
  );
  for (const [name, series] of Object.entries(run.metrics)) {
    const positions = parts.flatMap(({ columns }) => {
      const count = columns.get(counter);
      return (columns.get(name)?.rows ?? []).map((row) => count?.values[row] ?? row);
    });
    const placed: ForeignSeries = { ...series, positions, superseded: supersededIn(positions) };
    if (placed.superseded?.length === 0) delete placed.superseded;
    run.metrics[name] = placed;
  }
}

/** Values of the summary that are no history's last point; `define_metric` makes objects like { max } of them. */
function addSummary(run: ForeignRun, stores: readonly WandbStore[]) {
  const add = (name: string, value: unknown) => {
    if (name.startsWith("_") || Object.hasOwn(run.metrics, name)) return;
    const number = measuredOf(value);
    if (number !== null) run.summary[name] = number;
    else if (isObject(value) && !Object.hasOwn(value, "_type"))
      for (const [key, item] of Object.entries(value)) add(`${name}.${key}`, item);
  };
  for (const { summary } of stores) for (const [name, value] of summary) add(name, value);
}

function tablesOf(reading: Reading, files: readonly string[]): ForeignTable[] {
  return files
    .filter((file) => file.endsWith(".table.json"))
    .map((file) => {
      const text = textOf(reading, file);
      const table = text === null ? null : tryJson(text);
      const name = nameOf(file)
        .replace(/\.table\.json$/, "")
        .replace(/_\d+_[0-9a-f]{8,}$/, "");
      return isObject(table) ? tableOf(name, file, table.columns, table.data) : null;
    })
    .filter((table) => table !== null);
}
