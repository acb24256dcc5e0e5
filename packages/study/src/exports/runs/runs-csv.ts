import { csvLine } from "@reprise/contracts";
import { type ExportedRun, type ExportedRuns, finalsOf } from "./exported-run.js";

const runColumns = ["run", "configuration", "seed", "arm", "repeat", "status"] as const;
const runCells = ({ run }: ExportedRun) => [
  run.id,
  run.configurationLabel,
  run.seed,
  run.arm,
  run.repeat,
  run.status,
];

/** A point a row; a final value that is no point of a history has no step. Times are seconds since the run's start. */
export async function* longCsv(runs: ExportedRuns): AsyncGenerator<string> {
  yield `${csvLine([...runColumns, "metric", "step", "value", "seconds"])}\n`;
  for await (const exported of runs) {
    const head = runCells(exported);
    const lines: string[] = [];
    for (const [metric, { steps, values, wallTimes }] of Object.entries(exported.series)) {
      for (const [index, step] of steps.entries())
        lines.push(csvLine([...head, metric, step, values[index], wallTimes[index]]));
    }
    for (const [metric, value] of finalsOf(exported))
      lines.push(csvLine([...head, metric, null, value, null]));
    if (lines.length > 0) yield `${lines.join("\n")}\n`;
  }
}

/** A step of a run a row, a metric a column, with the run's settings; a run without histories has one row without a step. */
export async function* wideCsv(
  runs: ExportedRuns,
  columns: { params: readonly string[]; metrics: readonly string[] },
): AsyncGenerator<string> {
  const { params, metrics } = columns;
  yield `${csvLine([...runColumns, ...params.map((name) => `params.${name}`), "step", ...metrics])}\n`;
  for await (const exported of runs) {
    const given = params.map((name) => {
      const value = exported.run.params[name];
      return Array.isArray(value) ? JSON.stringify(value) : value;
    });
    const head = [...runCells(exported), ...given];
    const rows = new Map<number, Map<string, number | string>>();
    for (const [metric, { steps, values }] of Object.entries(exported.series)) {
      for (const [index, step] of steps.entries()) {
        const row = rows.get(step) ?? new Map();
        rows.set(step, row.set(metric, values[index]));
      }
    }
    const finals = new Map(finalsOf(exported));
    const lines = [...rows]
      .sort(([a], [b]) => a - b)
      .map(([step, row]) => csvLine([...head, step, ...metrics.map((metric) => row.get(metric))]));
    if (finals.size > 0 || lines.length === 0)
      lines.push(csvLine([...head, null, ...metrics.map((metric) => finals.get(metric))]));
    yield `${lines.join("\n")}\n`;
  }
}
