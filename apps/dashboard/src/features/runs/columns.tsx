import {
  type AttributeInfo,
  departureSentence,
  isOtherwise,
  type Run,
  type RunAttribute,
  type RunValue,
  runAttributeNames,
  runAttributes,
  whereDiverged,
} from "@reprise/contracts";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { memorySize } from "../../shared/format/bytes.js";
import { metricValue, missing, shortLabel } from "../../shared/format/numbers.js";
import { parameterText } from "../../shared/format/parameters.js";
import { type MetricChoice, metricOf, unitIn } from "../../shared/format/run-metrics.js";
import { duration } from "../../shared/format/time.js";
import { armColorOf } from "../../shared/marks/arm-marks.js";
import { DigestChip } from "../../shared/marks/digest-chip.js";
import { Status } from "../../shared/ui/status.js";
import { When } from "../../shared/ui/when.js";
import classes from "./columns.module.css";

export type RunsColumn = {
  /** Also the name by which the server sorts, unless `sort` says otherwise. */
  key: string;
  label: string;
  width: number;
  right?: boolean;
  /** Null: the server does not sort by it. */
  sort?: string | null;
  cell: (run: Run) => ReactNode;
  /** What stands in a CSV. */
  text: (run: Run) => string | number | null;
};

/** What a column has beyond its attribute's label and value. */
const looks: Partial<Record<RunAttribute, Partial<RunsColumn>>> = {
  configurationLabel: {
    width: 220,
    cell: (run) => (
      <Link to="/runs/$runId" params={{ runId: run.id }} className={classes.link}>
        {run.configurationLabel}
      </Link>
    ),
  },
  arm: {
    width: 96,
    cell: (run) => (
      <span className={classes.arm}>
        <i style={{ background: armColorOf(run) }} aria-hidden />
        {run.arm}
      </span>
    ),
  },
  repeat: { cell: (run) => run.repeat + 1, text: (run) => run.repeat + 1 },
  status: {
    width: 136,
    cell: (run) => (
      <span className={classes.status}>
        <Status status={run.status} diverged={whereDiverged(run)} />
        {run.departures > 0 ? (
          <span
            className={classes.departed}
            title={run.observed.filter(isOtherwise).map(departureSentence).join(" ")}
          >
            not as requested
          </span>
        ) : null}
        {run.excludedReason ? <span className="dim">excluded</span> : null}
      </span>
    ),
  },
  durationMs: { width: 104 },
  digest: { width: 116, cell: (run) => <DigestChip digest={run.digest} /> },
  dataset: { width: 120 },
  workerName: { width: 140 },
  createdAt: { width: 128 },
  position: { cell: (run) => run.position + 1, text: (run) => run.position + 1 },
};

const unitText = {
  milliseconds: duration,
  bytes: memorySize,
  percent: (value: number) => `${value.toFixed(0)} %`,
};

function attributeCell(value: string | number | null, { type, unit }: AttributeInfo): ReactNode {
  if (value === null) return missing;
  if (typeof value === "number") return unit ? unitText[unit](value) : value;
  return type === "time" ? <When at={value} /> : value;
}

const widthOf = (label: string) => Math.min(320, Math.max(84, label.length * 7.4 + 40));

function attributeColumn(name: RunAttribute): RunsColumn[] {
  const attribute = runAttributes[name];
  const { label, type, sortable } = attribute;
  if (label === undefined) return [];
  return [
    {
      key: name,
      label,
      width: widthOf(label),
      right: type === "integer" || type === "number",
      sort: sortable ? name : null,
      cell: (run) => attributeCell(run[name], attribute),
      text: (run) => run[name],
      ...looks[name],
    },
  ];
}

const fixed: RunsColumn[] = [
  ...runAttributeNames.flatMap(attributeColumn),
  {
    key: "diverged",
    label: "Diverged",
    width: 240,
    sort: "diverged",
    cell: (run) => (run.diverged ? whereDiverged(run) : "no"),
    text: (run) => (run.diverged ? whereDiverged(run) : null),
  },
  {
    key: "energy",
    label: "Energy, Wh",
    width: 108,
    right: true,
    sort: null,
    cell: (run) => (run.energy ? (run.energy.kWh * 1000).toPrecision(3) : missing),
    text: (run) => (run.energy ? run.energy.kWh * 1000 : null),
  },
];

const metricColumn = (metric: MetricChoice, value: RunValue): RunsColumn => ({
  key: `metrics.${metric.key}`,
  label: shortLabel(metric.label, metric.key),
  width: Math.max(120, widthOf(shortLabel(metric.label, metric.key))),
  right: true,
  // The server sorts by the selected epoch; another value must not look sorted by itself.
  sort: value === "selected" ? `metrics.${metric.key}` : null,
  cell: (run) => metricValue(metricOf(run, metric.key, value), unitIn(run, metric)),
  text: (run) => metricOf(run, metric.key, value),
});

const paramColumn = (name: string): RunsColumn => {
  const textOf = (run: Run) => {
    const used = run.effectiveParams ?? run.params;
    return name in used ? parameterText(used[name]) : null;
  };
  return {
    key: `params.${name}`,
    label: name,
    width: Math.max(96, name.length * 8 + 36),
    cell: (run) => <span className="mono">{textOf(run) ?? missing}</span>,
    text: textOf,
  };
};

/** Names of the hyperparameters that runs were given or took by default. */
export const hyperparametersOf = (runs: readonly Run[]) =>
  [...new Set(runs.flatMap((run) => Object.keys(run.effectiveParams ?? run.params)))].sort();

/** Every column that a table of these runs can show: properties, hyperparameters, metrics. */
export function allColumns(
  runs: readonly Run[],
  metrics: readonly MetricChoice[],
  value: RunValue,
): RunsColumn[] {
  return [
    ...fixed,
    ...hyperparametersOf(runs).map(paramColumn),
    ...metrics.map((metric) => metricColumn(metric, value)),
  ];
}

export const defaultColumns = (metric: string) => [
  "configurationLabel",
  "seed",
  "arm",
  "repeat",
  "status",
  ...(metric ? [`metrics.${metric}`] : []),
  "durationMs",
  "digest",
  "workerName",
  "createdAt",
];
