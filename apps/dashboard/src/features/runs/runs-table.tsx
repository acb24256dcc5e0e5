import { Checkbox } from "@mantine/core";
import type { Run } from "@reprise/contracts";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import type { RunsColumn } from "./columns.js";
import classes from "./runs-table.module.css";

const rowHeight = 36;
const checkWidth = 36;
/** Rows before the end of what is loaded at which the next page is asked for. */
const ahead = 60;

type Placed = RunsColumn & { left: number | null; lastPinned: boolean };

/** Pinned columns first, each at its place from the left edge. */
function placed(columns: readonly RunsColumn[], pinned: ReadonlySet<string>): Placed[] {
  const first = columns.filter(({ key }) => pinned.has(key));
  const rest = columns.filter(({ key }) => !pinned.has(key));
  let left = checkWidth;
  return [
    ...first.map((column, index): Placed => {
      const at = left;
      left += column.width;
      return { ...column, left: at, lastPinned: index === first.length - 1 };
    }),
    ...rest.map((column): Placed => ({ ...column, left: null, lastPinned: false })),
  ];
}

const marks = (column: Placed) => ({
  "data-right": column.right || undefined,
  "data-pinned": column.left === null ? undefined : "",
  "data-last-pinned": column.lastPinned ? "" : undefined,
  style: column.left === null ? undefined : { left: column.left },
});

function Heads({
  columns,
  sort,
  onSort,
}: {
  columns: readonly Placed[];
  sort: string;
  onSort: (sort: string) => void;
}) {
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th scope="col" data-pinned="" style={{ left: 0 }}>
          <span className="visually-hidden">Selected</span>
        </th>
        {columns.map((column) => {
          const by = column.sort === undefined ? column.key : column.sort;
          const direction =
            by === null ? null : sort === by ? "ascending" : sort === `-${by}` ? "descending" : null;
          return (
            <th
              key={column.key}
              scope="col"
              aria-sort={by === null ? undefined : (direction ?? "none")}
              {...marks(column)}
            >
              {by === null ? (
                <span>{column.label}</span>
              ) : (
                <button
                  type="button"
                  onClick={() => onSort(direction === null ? by : direction === "ascending" ? `-${by}` : "")}
                >
                  {column.label}
                  {direction === null ? null : (
                    <span aria-hidden> {direction === "ascending" ? "↑" : "↓"}</span>
                  )}
                </button>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function Row({
  run,
  index,
  columns,
  selected,
  onSelect,
}: {
  /** Undefined while its page is on the way. */
  run: Run | undefined;
  index: number;
  columns: readonly Placed[];
  selected: boolean;
  onSelect: (runId: string, on: boolean) => void;
}) {
  return (
    <tr aria-rowindex={index + 2}>
      <td data-pinned="" style={{ left: 0 }}>
        {run ? (
          <Checkbox
            size="xs"
            aria-label={`Select ${run.configurationLabel}, seed ${run.seed}, ${run.arm} ${run.repeat + 1}`}
            checked={selected}
            onChange={(event) => onSelect(run.id, event.currentTarget.checked)}
          />
        ) : null}
      </td>
      {columns.map((column) => (
        <td key={column.key} {...marks(column)}>
          {run ? column.cell(run) : <span className={classes.waiting} />}
        </td>
      ))}
    </tr>
  );
}

/** Thousands of runs, of which only those in view are in the document; further pages come as one scrolls. */
export function RunsTable({
  runs,
  total,
  columns,
  pinned,
  sort,
  onSort,
  onNearEnd,
  selected,
  onSelect,
}: {
  /** The runs read so far, from the first on. */
  runs: readonly Run[];
  total: number;
  columns: readonly RunsColumn[];
  pinned: ReadonlySet<string>;
  sort: string;
  onSort: (sort: string) => void;
  onNearEnd: () => void;
  selected: ReadonlySet<string>;
  onSelect: (runId: string, on: boolean) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const shown = placed(columns, pinned);
  const width = shown.reduce((sum, column) => sum + column.width, checkWidth);
  const virtual = useVirtualizer({
    count: Math.max(total, runs.length),
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const lastIndex = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (runs.length > 0 && runs.length < total && lastIndex > runs.length - ahead) onNearEnd();
  }, [lastIndex, runs.length, total, onNearEnd]);
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <ScrollRegion ref={scroller} className={classes.scroller} label="Runs">
      <table className={classes.table} aria-rowcount={total + 1} style={{ width: `max(100%, ${width}px)` }}>
        <caption className="visually-hidden">Runs</caption>
        <colgroup>
          <col style={{ width: checkWidth }} />
          {shown.map((column) => (
            <col key={column.key} style={{ width: column.width }} />
          ))}
        </colgroup>
        <Heads columns={shown} sort={sort} onSort={onSort} />
        <tbody>
          {before > 0 ? <tr style={{ height: before }} aria-hidden /> : null}
          {items.map((item) => {
            const run = runs[item.index];
            return (
              <Row
                key={item.key}
                run={run}
                index={item.index}
                columns={shown}
                selected={run ? selected.has(run.id) : false}
                onSelect={onSelect}
              />
            );
          })}
          {after > 0 ? <tr style={{ height: after }} aria-hidden /> : null}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
