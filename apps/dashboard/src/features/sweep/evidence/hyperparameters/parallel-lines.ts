import type { ParameterValue, Run, Sweep } from "@reprise/contracts";
import type { ParallelAxis } from "../../../../shared/charts/parallel-axes.js";
import { finiteOrNull } from "../../../../shared/format/numbers.js";
import { parameterText } from "../../../../shared/format/parameters.js";

export const plain = (value: ParameterValue | undefined): number | string | null =>
  typeof value === "number" ? value : value === undefined || value === null ? null : parameterText(value);

export function axisOf(name: string, runs: readonly Run[]): ParallelAxis {
  const values = [...new Set(runs.flatMap((run) => plain(run.params[name]) ?? []))];
  const isNumber = values.every((value) => typeof value === "number");
  return {
    key: name,
    label: name,
    kind: isNumber ? "number" : "category",
    values: isNumber ? values.map(Number).sort((a, b) => a - b) : values.map(String).sort(),
    format: String,
  };
}

/** Hyperparameters that differ between runs, in the order in which the specification searches them. */
export function variedParameters(sweep: Sweep, runs: readonly Run[]): string[] {
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.params)))];
  const varied = names.filter(
    (name) => new Set(runs.map((run) => JSON.stringify(run.params[name] ?? null))).size > 1,
  );
  const search = sweep.spec.search;
  const order = search && "parameters" in search ? Object.keys(search.parameters) : [];
  return varied.sort((a, b) => (order.indexOf(a) + 1 || 99) - (order.indexOf(b) + 1 || 99));
}

export const valueAt = (run: Run, metric: string) => {
  const summary = run.summary[metric];
  return finiteOrNull(summary ? (summary.selected ?? summary.last) : null);
};
