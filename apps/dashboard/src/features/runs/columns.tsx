import type { Run, RunValue } from "@reprise/contracts";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { memorySize } from "../../shared/format/bytes.js";
import { metricValue, missing, shortLabel } from "../../shared/format/numbers.js";
import { parameterText } from "../../shared/format/parameters.js";
import { type MetricChoice, metricOf } from "../../shared/format/run-metrics.js";
import { duration } from "../../shared/format/time.js";
import { armColorOf } from "../../shared/marks/arm-marks.js";
import { DigestChip } from "../../shared/ui/digest-chip.js";
import { Status } from "../../shared/ui/status.js";
import { When } from "../../shared/ui/when.js";
import classes from "./runs.module.css";

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

const fixed: RunsColumn[] = [
  {
    key: "configurationLabel",
    label: "Configuration",
    width: 220,
    cell: (run) => (
      <Link to="/runs/$runId" params={{ runId: run.id }} className={classes.link}>
        {run.configurationLabel}
      </Link>
    ),
    text: (run) => run.configurationLabel,
  },
  { key: "seed", label: "Seed", width: 84, right: true, cell: (run) => run.seed, text: (run) => run.seed },
  {
    key: "arm",
    label: "Arm",
    width: 96,
    cell: (run) => (
      <span className={classes.arm}>
        <i style={{ background: armColorOf(run) }} aria-hidden />
        {run.arm}
      </span>
    ),
    text: (run) => run.arm,
  },
  {
    key: "repeat",
    label: "Repeat",
    width: 84,
    right: true,
    cell: (run) => run.repeat + 1,
    text: (run) => run.repeat + 1,
  },
  {
    key: "status",
    label: "Status",
    width: 136,
    cell: (run) => (
      <span className={classes.status}>
        <Status status={run.status} />
        {run.excludedReason ? <span className="dim">excluded</span> : null}
      </span>
    ),
    text: (run) => run.status,
  },
  {
    key: "durationMs",
    label: "Time",
    width: 104,
    right: true,
    cell: (run) => duration(run.durationMs),
    text: (run) => run.durationMs,
  },
  {
    key: "digest",
    label: "Digest",
    width: 116,
    cell: (run) => <DigestChip digest={run.digest} />,
    text: (run) => run.digest,
  },
  { key: "dataset", label: "Data set", width: 120, cell: (run) => run.dataset, text: (run) => run.dataset },
  { key: "trainer", label: "Trainer", width: 96, cell: (run) => run.trainer, text: (run) => run.trainer },
  {
    key: "workerName",
    label: "Worker",
    width: 140,
    cell: (run) => run.workerName ?? missing,
    text: (run) => run.workerName,
  },
  {
    key: "createdAt",
    label: "Queued",
    width: 128,
    cell: (run) => <When at={run.createdAt} />,
    text: (run) => run.createdAt,
  },
  {
    key: "position",
    label: "Place",
    width: 80,
    right: true,
    cell: (run) => run.position + 1,
    text: (run) => run.position + 1,
  },
  {
    key: "attempt",
    label: "Attempt",
    width: 88,
    right: true,
    sort: null,
    cell: (run) => run.attempt,
    text: (run) => run.attempt,
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
  {
    key: "peakResidentMemoryBytes",
    label: "Peak memory",
    width: 124,
    right: true,
    cell: (run) => (run.peakResidentMemoryBytes === null ? missing : memorySize(run.peakResidentMemoryBytes)),
    text: (run) => run.peakResidentMemoryBytes,
  },
  {
    key: "meanCpuPercent",
    label: "Mean processor, % of one",
    width: 196,
    right: true,
    cell: (run) => (run.meanCpuPercent === null ? missing : `${run.meanCpuPercent.toFixed(0)} %`),
    text: (run) => run.meanCpuPercent,
  },
];

const metricColumn = (metric: MetricChoice, value: RunValue): RunsColumn => ({
  key: `metrics.${metric.key}`,
  label: shortLabel(metric.label),
  width: Math.max(120, shortLabel(metric.label).length * 7.4 + 40),
  right: true,
  // The server sorts by the selected epoch; another value must not look sorted by itself.
  sort: value === "selected" ? `metrics.${metric.key}` : null,
  cell: (run) => metricValue(metricOf(run, metric.key, value), metric.unit),
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

/** Every column that a table of these runs can show: properties, hyperparameters, metrics. */
export function allColumns(
  runs: readonly Run[],
  metrics: readonly MetricChoice[],
  value: RunValue,
): RunsColumn[] {
  const params = new Set(runs.flatMap((run) => Object.keys(run.effectiveParams ?? run.params)));
  return [
    ...fixed,
    ...[...params].sort().map(paramColumn),
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
