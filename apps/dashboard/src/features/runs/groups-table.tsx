import { Checkbox } from "@mantine/core";
import { type RunGroup, type RunGroups, runAttributeNames, runAttributes } from "@reprise/contracts";
import { Link } from "@tanstack/react-router";
import {
  count,
  finiteOrNull,
  metricDifference,
  metricValue,
  missing,
  uncertaintiesByRow,
} from "../../shared/format/numbers.js";
import { parameterText } from "../../shared/format/parameters.js";
import { DataTable } from "../../shared/ui/data-table.js";
import { filterOfGroup, joinFilters } from "./filter-text.js";
import classes from "./groups-table.module.css";

export const groupKey = (group: RunGroup) => JSON.stringify(group.by);

/** What a group is called in words: "adam · free". */
export function groupName(group: RunGroup): string {
  const parts = Object.entries(group.by).map(([field, value]) =>
    typeof value === "number" || typeof value === "boolean"
      ? `${field.replace(/^params\./, "")} ${value}`
      : parameterText(value),
  );
  return parts.join(" · ") || "all runs";
}

/** A field as a reader calls it: "Configuration", "optimizer". */
function fieldWords(field: string): string {
  const attribute = runAttributeNames.find((name) => name === field);
  const label = attribute === undefined ? undefined : runAttributes[attribute].label;
  return label ?? field.replace(/^(params|metrics)\./, "");
}

const sorters: Record<string, (group: RunGroup) => number | null> = {
  runs: (group) => group.runs,
  n: (group) => group.n,
  mean: (group) => finiteOrNull(group.mean),
  sd: (group) => finiteOrNull(group.sd),
  min: (group) => finiteOrNull(group.min),
  max: (group) => finiteOrNull(group.max),
};

/** Groups in the order asked for; those without the figure last. */
function sorted(groups: readonly RunGroup[], sort: string): RunGroup[] {
  const of = sorters[sort.replace(/^-/, "")];
  if (!of) return [...groups];
  const sign = sort.startsWith("-") ? -1 : 1;
  return groups.toSorted((a, b) => {
    const [x, y] = [of(a), of(b)];
    if (x === null || y === null) return (x === null ? 1 : 0) - (y === null ? 1 : 0);
    return sign * (x - y);
  });
}

/** "88.3 % to 100 %", or why there is none. */
function intervalText(
  { interval, intervalReason }: RunGroup,
  unit: string,
  uncertainty: number | null,
): string {
  if (!interval) return intervalReason ?? "no interval";
  const [low, high] = [interval.low, interval.high].map((end) => metricValue(end, unit, uncertainty));
  return `${low} to ${high}`;
}

/** One line per group with its figures over all of its runs. */
export function GroupsTable({
  answer,
  by,
  filter,
  sort,
  onSort,
  selected,
  onSelect,
}: {
  answer: RunGroups;
  by: readonly string[];
  filter: string;
  sort: string;
  onSort: (sort: string) => void;
  selected: ReadonlySet<string>;
  onSelect: (key: string, on: boolean) => void;
}) {
  const unit = answer.shown?.unit ?? "";
  const uncertainties = uncertaintiesByRow(
    answer.groups.map(({ sd }) => finiteOrNull(sd)),
    unit,
  );
  const uncertaintyOf = (group: RunGroup) => uncertainties[answer.groups.indexOf(group)] ?? null;
  const head = (key: string, label: string) => (
    <button
      type="button"
      className={classes.sort}
      onClick={() => onSort(sort === key ? `-${key}` : sort === `-${key}` ? "" : key)}
    >
      {label} {sort === key ? "↑" : sort === `-${key}` ? "↓" : ""}
    </button>
  );
  const clustered = answer.groups.some((group) => group.interval?.over === "cells");
  return (
    <DataTable
      label="Groups of runs"
      caption={`Figures over every run of a group, never a sample. SD between runs (n − 1); ${clustered ? "95 % interval of the mean, over the means of configuration and seed where a seed has several repeats, because these are not independent." : "95 % interval of the mean, over runs."} For two, the points are shown; intervals are cut at the bounds of the metric.${answer.truncated ? " The first 1000 groups." : ""}`}
      rows={sorted(answer.groups, sort)}
      keyOf={groupKey}
      columns={[
        {
          key: "selected",
          header: <span className="visually-hidden">Selected</span>,
          cell: (group) => (
            <Checkbox
              size="xs"
              aria-label={`Select group ${groupName(group)}`}
              checked={selected.has(groupKey(group))}
              onChange={(event) => onSelect(groupKey(group), event.currentTarget.checked)}
            />
          ),
        },
        ...by.map((field) => ({
          key: field,
          header: fieldWords(field),
          title: field,
          cell: (group: RunGroup) => {
            const value = group.by[field];
            return value === null || value === undefined ? (
              <span className="dim">not set</span>
            ) : (
              parameterText(value)
            );
          },
        })),
        {
          key: "runs",
          header: head("runs", "Runs"),
          right: true,
          cell: (group: RunGroup) => (
            <Link
              to="/runs"
              search={(previous) => ({
                ...previous,
                filter: joinFilters(filter, filterOfGroup(group.by)),
                by: "",
                sort: "",
              })}
              aria-label={`Show the ${count(group.runs, "run")} of ${groupName(group)}`}
            >
              {count(group.runs)}
            </Link>
          ),
        },
        ...(answer.groups.some(({ diverged }) => diverged > 0)
          ? [
              {
                key: "diverged",
                header: "Diverged",
                title:
                  "Runs whose loss, gradients or weights are NaN or infinite; their values are in the figures",
                right: true,
                cell: ({ diverged }: RunGroup) => (diverged === 0 ? "none" : count(diverged)),
              },
            ]
          : []),
        {
          key: "n",
          header: head("n", "n"),
          title: "Runs with a value",
          right: true,
          cell: (group) => group.n,
        },
        {
          key: "mean",
          header: head("mean", "Mean ± SD"),
          right: true,
          cell: (group) =>
            group.mean === null
              ? missing
              : `${metricValue(group.mean, unit, uncertaintyOf(group))}${group.sd === null ? "" : ` ± ${metricDifference(group.sd, unit, { uncertainty: uncertaintyOf(group) })}`}`,
        },
        {
          key: "interval",
          header: "95 % interval",
          right: true,
          cell: (group) =>
            group.points ? (
              <span title={intervalText(group, unit, uncertaintyOf(group))}>
                {group.points.map((point) => metricValue(point, unit)).join(", ")}
              </span>
            ) : group.interval ? (
              intervalText(group, unit, uncertaintyOf(group))
            ) : (
              <span title={group.intervalReason ?? undefined}>{missing}</span>
            ),
        },
        {
          key: "min",
          header: head("min", "Min"),
          right: true,
          cell: (group) => metricValue(group.min, unit),
        },
        {
          key: "max",
          header: head("max", "Max"),
          right: true,
          cell: (group) => metricValue(group.max, unit),
        },
      ]}
    />
  );
}
