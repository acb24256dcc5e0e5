import type { Run } from "@reprise/contracts";
import { Link } from "@tanstack/react-router";
import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { finiteOrNull, metricValue, missing, shortLabel } from "../../shared/format/numbers.js";
import { duration } from "../../shared/format/time.js";
import { type ArmMark, markOf } from "../../shared/marks/arm-marks.js";
import { DigestChip } from "../../shared/ui/digest-chip.js";
import { Status } from "../../shared/ui/status.js";
import type { MetricChoice } from "./metric-choices.js";
import classes from "./runs-table.module.css";

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
const helper = createColumnHelper<typeof features, Run>();
const rowHeight = 36;
const numeric = new Set(["position", "seed", "repeat", "value", "duration"]);

/** At the selected epoch once the run has ended, the latest value before. */
function metricOf(run: Run, metric: MetricChoice | undefined) {
  const summary = metric ? run.summary[metric.key] : undefined;
  return summary ? (summary.selected ?? summary.last) : null;
}

function byNumber(of: (run: Run) => number | null) {
  return (a: { original: Run }, b: { original: Run }) =>
    (of(a.original) ?? Number.NEGATIVE_INFINITY) - (of(b.original) ?? Number.NEGATIVE_INFINITY);
}

function byText(of: (run: Run) => string) {
  return (a: { original: Run }, b: { original: Run }) => of(a.original).localeCompare(of(b.original), "en");
}

function columnsFor(metric: MetricChoice | undefined, marks: readonly ArmMark[]) {
  return helper.columns([
    helper.accessor("position", {
      id: "position",
      header: "#",
      cell: ({ row }) => row.original.position + 1,
      sortFn: byNumber((run) => run.position),
    }),
    helper.accessor("configurationLabel", {
      id: "configuration",
      header: "Configuration",
      cell: ({ row }) => (
        <Link to="/runs/$runId" params={{ runId: row.original.id }} className={classes.link}>
          {row.original.configurationLabel}
        </Link>
      ),
      sortFn: byText((run) => run.configurationLabel),
    }),
    helper.accessor("seed", { id: "seed", header: "Seed", sortFn: byNumber((run) => run.seed) }),
    helper.accessor("arm", {
      id: "arm",
      header: "Arm",
      cell: ({ row }) => (
        <span className={classes.arm}>
          <i style={{ background: markOf(marks, row.original.arm).color }} aria-hidden />
          {row.original.arm}
        </span>
      ),
      sortFn: byText((run) => run.arm),
    }),
    helper.accessor("repeat", {
      id: "repeat",
      header: "Repeat",
      cell: ({ row }) => row.original.repeat + 1,
      sortFn: byNumber((run) => run.repeat),
    }),
    helper.accessor("status", {
      id: "status",
      header: "Status",
      cell: ({ row }) => (
        <span className={classes.status}>
          <Status status={row.original.status} />
          {row.original.attempt > 1 ? <span className="dim"> attempt {row.original.attempt}</span> : null}
          {row.original.excludedReason ? <span className="dim"> excluded</span> : null}
        </span>
      ),
      sortFn: byText((run) => run.status),
    }),
    helper.accessor((run) => finiteOrNull(metricOf(run, metric)), {
      id: "value",
      header: metric ? shortLabel(metric.label) : "Metric",
      cell: ({ row }) => metricValue(metricOf(row.original, metric), metric?.unit ?? "", 0.0005),
      sortFn: byNumber((run) => finiteOrNull(metricOf(run, metric))),
    }),
    helper.accessor("durationMs", {
      id: "duration",
      header: "Time",
      cell: ({ row }) => duration(row.original.durationMs),
      sortFn: byNumber((run) => run.durationMs),
    }),
    helper.accessor("digest", {
      id: "digest",
      header: "Digest",
      cell: ({ row }) => <DigestChip digest={row.original.digest} />,
      sortFn: byText((run) => run.digest ?? ""),
    }),
    helper.accessor("workerName", {
      id: "worker",
      header: "Worker",
      cell: ({ row }) => row.original.workerName ?? missing,
      sortFn: byText((run) => run.workerName ?? ""),
    }),
  ]);
}

function sortingOf(sort: string): SortingState {
  if (sort === "") return [];
  return [{ id: sort.replace(/^-/, ""), desc: sort.startsWith("-") }];
}

/** Sortable by every column; only the rows in view are in the document. */
export function RunsTable({
  runs,
  metric,
  marks,
  sort,
  onSort,
}: {
  runs: Run[];
  metric: MetricChoice | undefined;
  marks: readonly ArmMark[];
  sort: string;
  onSort: (sort: string) => void;
}) {
  const columns = useMemo(() => columnsFor(metric, marks), [metric, marks]);
  const table = useTable({ features, columns, data: runs, state: { sorting: sortingOf(sort) } });
  const rows = table.getRowModel().rows;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const next = (id: string) => (sort === id ? `-${id}` : sort === `-${id}` ? "" : id);

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section ref={scroller} className={classes.scroller} tabIndex={0} aria-label="Runs">
      <table className={classes.table} aria-rowcount={rows.length + 1}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => {
                const direction =
                  sort === header.id ? "ascending" : sort === `-${header.id}` ? "descending" : "none";
                return (
                  <th
                    key={header.id}
                    scope="col"
                    aria-sort={direction}
                    data-numeric={numeric.has(header.id) || undefined}
                  >
                    <button type="button" onClick={() => onSort(next(header.id))}>
                      <table.FlexRender header={header} />
                      <span aria-hidden className={classes.arrow}>
                        {direction === "ascending" ? "↑" : direction === "descending" ? "↓" : ""}
                      </span>
                    </button>
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {before > 0 ? <tr style={{ height: before }} aria-hidden /> : null}
          {items.map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <tr key={row.id} aria-rowindex={item.index + 2}>
                {row.getAllCells().map((cell) => (
                  <td key={cell.id} data-numeric={numeric.has(cell.column.id) || undefined}>
                    <table.FlexRender cell={cell} />
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 ? <tr style={{ height: after }} aria-hidden /> : null}
        </tbody>
      </table>
      {rows.length === 0 ? <p className={classes.none}>No run matches this filter.</p> : null}
    </section>
  );
}
