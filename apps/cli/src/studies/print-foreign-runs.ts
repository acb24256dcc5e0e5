import {
  encodeNumber,
  type ForeignRun,
  type ForeignRuns,
  type ForeignSeries,
  type ImportProposal,
  jsonText,
} from "@reprise/contracts";
import { counted } from "../counted.js";

/** An integer that no number holds is written to its last digit, as the source had it. */
function paramsText({ params, integers }: ForeignRun): string {
  const pairs = Object.entries(params).map(([name, value]) => {
    const text = integers.includes(name) ? String(value) : JSON.stringify(value);
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${pairs.join(",")}}`;
}

const measured = (value: number) => encodeNumber(value);

const historyOf = ({ steps, values, superseded }: ForeignSeries, full: boolean) =>
  full
    ? { steps, values: values.map(measured) }
    : {
        points: steps.length,
        superseded: superseded?.length ?? 0,
        last: measured(values.at(-1) ?? Number.NaN),
      };

/** A run as `reprise import --json` prints it: NaN and ±Infinity as texts, null for what the source does not hold. */
function runText(run: ForeignRun, full: boolean): string {
  const head = {
    sourceId: run.source.held ? run.source.id : null,
    name: run.name,
    status: run.status === "unknown" ? null : run.status,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
  };
  const metrics = Object.fromEntries(
    Object.entries(run.metrics).map(([name, series]) => [name, historyOf(series, full)]),
  );
  return `${JSON.stringify(head).slice(0, -1)},"params":${paramsText(run)},"tags":${JSON.stringify(run.tags)},"metrics":${JSON.stringify(metrics)}}`;
}

/** `{ format, runs, proposal, warnings }`, a run a line, in parts so that no text of all runs is made. */
export function* foreignJson(read: ForeignRuns, full: boolean, proposal: ImportProposal): Generator<string> {
  yield `{"format":${JSON.stringify(read.format)},"runs":[`;
  for (const [index, run] of read.runs.entries()) yield `${index === 0 ? "\n" : ",\n"}${runText(run, full)}`;
  const aside = read.setAside.map(({ id, name, reason }) => ({
    file: id,
    reason: `${name}: ${reason}; not imported`,
  }));
  yield `\n],"proposal":${jsonText(proposal)},"warnings":${jsonText([...read.warnings, ...aside])}}\n`;
}

const times = (runs: readonly ForeignRun[], status: ForeignRun["status"]) =>
  runs.filter((run) => run.status === status).length;

/** What was read, for a terminal. */
export function previewLines(read: ForeignRuns): string[] {
  const { runs, format, warnings, setAside } = read;
  const points = runs.reduce(
    (sum, { metrics }) => sum + Object.values(metrics).reduce((all, { steps }) => all + steps.length, 0),
    0,
  );
  const statuses = (["finished", "failed", "killed", "crashed", "pruned", "running", "unknown"] as const)
    .map((status) => ({ status, count: times(runs, status) }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${status === "unknown" ? "of no known status" : status}`);
  const metrics = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))];
  const doubtful = runs.filter((run) => run.doubtful !== null);
  return [
    `${format}: ${counted(runs.length, "run")} (${statuses.join(", ")}), ${counted(points, "point")} of ${counted(metrics.length, "metric")}`,
    ...(metrics.length > 0
      ? [`metrics: ${metrics.slice(0, 12).join(", ")}${metrics.length > 12 ? " …" : ""}`]
      : []),
    ...doubtful.slice(0, 20).map((run) => `doubtful: ${run.name} ${run.doubtful}`),
    ...setAside.slice(0, 20).map(({ name, reason }) => `not a run: ${name}, ${reason}`),
    ...warnings.slice(0, 20).map(({ file, reason }) => `not read: ${file} ${reason}`),
    ...(warnings.length > 20 ? [`and ${warnings.length - 20} further warnings`] : []),
  ];
}
