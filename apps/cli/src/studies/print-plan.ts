import type { ParameterValue, Preset, SweepSpec } from "@reprise/contracts";
import { configurationsOf, countRuns, expandSweep } from "@reprise/study";
import { counted } from "../counted.js";

/** A hyperparameter as the study names it. Null is a decision too: the document leaves it to the trainer. */
function show(value: ParameterValue | undefined): string {
  if (value === undefined) return "";
  if (value === null) return "unset";
  if (Array.isArray(value)) return `[${value.map((item) => show(item)).join(", ")}]`;
  return String(value);
}

/** Configurations with their hyperparameters, those that all have alike first, then the runs in their order. */
export function planLines(spec: SweepSpec): string[] {
  const configurations = configurationsOf(spec);
  const names = [...new Set(configurations.flatMap(({ params }) => Object.keys(params)))];
  const isShared = (name: string) =>
    new Set(configurations.map(({ params }) => JSON.stringify(params[name]))).size === 1;
  const shared = names.filter(isShared);
  const varied = names.filter((name) => !isShared(name));
  const lines: string[] = [];
  if (shared.length > 0) {
    const values = shared.map((name) => `${name} ${show(configurations[0]?.params[name])}`);
    lines.push(`All: ${values.join(", ")}`);
  }
  if (varied.length > 0) {
    const table = [
      ["", ...varied],
      ...configurations.map(({ label, params }) => [label, ...varied.map((name) => show(params[name]))]),
    ];
    const widths = ["", ...varied].map((_, column) =>
      Math.max(...table.map((row) => (row[column] ?? "").length)),
    );
    for (const row of table)
      lines.push(
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd(),
      );
  }
  if (spec.description) lines.push(spec.description);
  lines.push("");
  for (const run of expandSweep(spec)) {
    lines.push(
      `${String(run.position + 1).padStart(5)}  ${run.configurationLabel}  seed ${run.seed}  ${run.arm} ${run.repeat + 1}`,
    );
  }
  lines.push(counted(countRuns(spec), "run"));
  return lines;
}

/** What of a published study is done otherwise, and how it was published. */
export function deviationLines({ source, deviations }: Pick<Preset, "source" | "deviations">): string[] {
  if (deviations.length === 0) return [];
  return [
    "",
    `What differs from the published study (${source}):`,
    ...deviations.flatMap(({ what, paper, here }) => [
      `  ${what}`,
      `    published  ${paper}`,
      `    here       ${here}`,
    ]),
  ];
}
