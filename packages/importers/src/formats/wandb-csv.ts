import type { ForeignRun, SetAside } from "@reprise/contracts";
import { headOf, type Reading, warn } from "../files/reading.js";
import { type CsvTable, csvTable } from "../values/csv.js";
import { addPoint, type Histories, heldMetrics } from "../values/histories.js";
import { numberOf } from "../values/python-text.js";
import { countsOf, emptyRun, markShortRuns } from "../values/run.js";
import { isoOf } from "../values/times.js";
import { csvIn, isCsvName } from "./csv-histories.js";
import type { Found } from "./found.js";

/** Columns of a runs table that are W&B's own. */
const ownColumns = new Set([
  "Name",
  "State",
  "Notes",
  "User",
  "Tags",
  "Created",
  "Runtime",
  "Sweep",
  "Group",
  "Job Type",
  "ID",
  "End Time",
  "Github",
  "GitHub",
  "Hostname",
  "Project",
  "Description",
  "Commit",
  "Host",
]);
const separator = " - ";

const headerOf = (reading: Reading, file: string) =>
  csvTable(
    `${
      headOf(reading, file, 65_536)
        .toString("utf8")
        .replace(/^\uFEFF/, "")
        .split(/[\r\n]/, 1)[0] ?? ""
    }\n`,
  )?.header ?? [];
const isRunsHead = (header: readonly string[]) => header.includes("Name") && header.includes("State");
const isChartHead = (header: readonly string[]) =>
  header.length > 1 &&
  header.slice(1).some((name) => name.endsWith("__MIN") && header.includes(name.replace(/__MIN$/, "__MAX")));

/** What a CSV export of W&B's pages is: the table of runs or a chart; null for neither. */
export function exportKind(reading: Reading, file: string): "runs" | "chart" | null {
  if (!isCsvName(file)) return null;
  const header = headerOf(reading, file);
  return isRunsHead(header) ? "runs" : isChartHead(header) ? "chart" : null;
}

/** Where settings end and results begin: both are sorted, nothing stands between them. */
function firstResult(names: readonly string[], charted: ReadonlySet<string>): number {
  const descents = names
    .map((name, index) => (index > 0 && name < (names[index - 1] as string) ? index : -1))
    .filter((index) => index > 0);
  const [descent] = descents;
  if (descent !== undefined) return descent;
  const known = names.findIndex((name) => charted.has(name) || name.startsWith("_"));
  return known < 0 ? names.length : known;
}

type Chart = { file: string; table: CsvTable };

/** CSV exports of W&B's pages: a table of runs, and charts with a column a run. */
export function readWandbCsv(reading: Reading): Found {
  const kinds = reading.files.map((file) => ({ file, kind: exportKind(reading, file) }));
  const read = (kind: "runs" | "chart"): Chart[] =>
    kinds.flatMap((entry) => {
      const table = entry.kind === kind ? csvIn(reading, entry.file) : null;
      return table === null ? [] : [{ file: entry.file, table }];
    });
  const charts = read("chart");
  const charted = new Set(charts.flatMap(({ table }) => metricsOf(table)));
  const runs = read("runs").flatMap(({ file, table }) => runsOf(file, table, charted));
  const hasTable = runs.length > 0;
  const setAside: SetAside[] = [];
  const histories = new Map<ForeignRun, Histories>();
  for (const chart of charts) addChart(reading, chart, runs, hasTable, histories, setAside);
  for (const [run, held] of histories) run.metrics = heldMetrics(held, "float64");
  markShortRuns(runs.filter((run) => Object.keys(run.metrics).length > 0));
  const counts = countsOf(runs.map(({ name }) => name));
  for (const run of runs) {
    const equal = counts.get(run.name) ?? 0;
    if (equal > 1)
      run.remarks.push(
        `${equal} runs have this name: it is unclear which column of a chart is whose, so it has no histories`,
      );
  }
  return { runs, setAside };
}

function runsOf(file: string, table: CsvTable, charted: ReadonlySet<string>): ForeignRun[] {
  const places = table.header
    .map((name, index) => ({ name, index }))
    .filter(({ name }) => !ownColumns.has(name) && name !== "");
  const first = firstResult(
    places.map(({ name }) => name),
    charted,
  );
  const counts = new Map<string, number>();
  return table.rows.map((row) => {
    const cell = (name: string) => row[table.header.indexOf(name)] ?? "";
    const name = cell("Name");
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const held = cell("ID");
    const run = emptyRun("wandb-csv", held || (count === 1 ? name : `${name} (${count})`), file);
    run.source.held = held !== "";
    run.name = name;
    run.status =
      (["finished", "failed", "crashed", "killed", "running"] as const).find(
        (word) => word === cell("State"),
      ) ?? "unknown";
    run.startedAt = isoOf(Date.parse(cell("Created")));
    run.tags = Object.fromEntries(
      cell("Tags")
        .split(",")
        .map((tag) => tag.trim())
        .filter((tag) => tag !== "")
        .map((tag) => [tag, true]),
    );
    run.group = cell("Group") || null;
    run.jobType = cell("Job Type") || null;
    run.host = cell("Hostname") || null;
    run.gitCommit = cell("Commit") || null;
    for (const { name: key, index } of places.slice(0, first)) run.params[key] = row[index] ?? "";
    for (const { name: key, index } of places.slice(first)) {
      const value = numberOf(row[index] ?? "");
      if (value !== null) run.summary[key] = value;
    }
    if (run.status === "crashed") run.doubtful = "W&B lost contact with it: it may have gone on";
    if (run.status === "running") run.doubtful = "was running when the table was exported";
    return run;
  });
}

const plainColumns = (table: CsvTable) =>
  table.header
    .map((name, index) => ({ name, index }))
    .slice(1)
    .filter(({ name }) => !/__(MIN|MAX)$/.test(name));

/** The metric of a chart: the longest end that all its columns have behind a ` - `. */
function metricsOf(table: CsvTable): string[] {
  const columns = plainColumns(table)
    .map(({ name }) => name)
    .filter((name) => !name.endsWith(`${separator}_step`));
  const endings = (name: string) =>
    name
      .split(separator)
      .map((_, index, parts) => parts.slice(index + 1).join(separator))
      .slice(0, -1);
  const [first] = columns;
  const common =
    first === undefined
      ? undefined
      : endings(first).find((ending) => columns.every((name) => name.endsWith(`${separator}${ending}`)));
  return common === undefined ? [] : [common];
}

/** Whose column it is: a run's by its name where a table of runs says the names, else what stands before the metric. */
function ownerIn(
  column: string,
  metrics: readonly string[],
  names: ReadonlySet<string>,
): { name: string; metric: string } | null {
  for (const metric of [...metrics, "_step"]) {
    if (!column.endsWith(`${separator}${metric}`)) continue;
    const name = column.slice(0, -metric.length - separator.length);
    if (names.size === 0 || names.has(name)) return { name, metric };
  }
  const known = [...names]
    .filter((name) => column.startsWith(name + separator))
    .sort((a, b) => b.length - a.length)[0];
  return known === undefined ? null : { name: known, metric: column.slice(known.length + separator.length) };
}

function addChart(
  reading: Reading,
  { file, table }: Chart,
  runs: ForeignRun[],
  hasTable: boolean,
  histories: Map<ForeignRun, Histories>,
  setAside: SetAside[],
) {
  const metrics = metricsOf(table);
  const names = new Set(hasTable ? runs.map(({ name }) => name) : []);
  const columns = plainColumns(table);
  const repeated = new Set(
    columns.map(({ name }) => name).filter((name, index, all) => all.indexOf(name) !== index),
  );
  const stepOf = new Map(
    columns
      .filter(({ name }) => name.endsWith(`${separator}_step`))
      .map(({ name, index }) => [name.slice(0, -`${separator}_step`.length), index]),
  );
  let sampled = 0;
  const unknown: string[] = [];
  const ambiguous = new Set<string>();
  for (const { name: column, index } of columns) {
    if (column.endsWith(`${separator}_step`) && !metrics.includes("_step")) continue;
    const owner = ownerIn(column, metrics, names);
    const isGroup = /^[^:]+: /.test(column) && (owner === null || !names.has(owner.name));
    if (isGroup) {
      setAside.push({
        id: column,
        name: column,
        why: "grouped",
        reason: `${file}: a mean over a group of runs, not a run`,
      });
      continue;
    }
    if (owner === null) {
      unknown.push(column);
      continue;
    }
    let owners = runs.filter(({ name }) => name === owner.name);
    if (repeated.has(column) || owners.length > 1) {
      ambiguous.add(owner.name);
      continue;
    }
    if (owners.length === 0) {
      const made = emptyRun("wandb-csv", owner.name, file);
      made.source.held = false;
      runs.push(made);
      owners = [made];
    }
    const run = owners[0] as ForeignRun;
    const held = histories.get(run) ?? new Map();
    histories.set(run, held);
    for (const row of table.rows) {
      const value = numberOf(row[index] ?? "");
      const x = numberOf(row[0] ?? "");
      const counted = numberOf(row[stepOf.get(owner.name) ?? -1] ?? "");
      const step = x !== null && Number.isInteger(x) ? x : counted;
      if (value === null || step === null) continue;
      addPoint(held, owner.metric, step, value);
      if (numberOf(row[index + 1] ?? "") !== value && table.header[index + 1] === `${column}__MIN`)
        sampled += Number.isNaN(value) ? 0 : 1;
    }
  }
  if (ambiguous.size > 0)
    warn(
      reading,
      file,
      `several runs are named ${[...ambiguous].slice(0, 5).join(", ")}: their columns cannot be distinguished and were left out`,
    );
  if (unknown.length > 0)
    warn(reading, file, `${unknown.length} columns belong to no run of the table, such as ${unknown[0]}`);
  if (sampled > 0)
    warn(
      reading,
      file,
      `${sampled} points stand for several (least and greatest differ): the chart was sampled or smoothed`,
    );
}
