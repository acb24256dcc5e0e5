import { Fragment, type ReactNode } from "react";
import classes from "./data-table.module.css";
import { ScrollRegion } from "./scroll-region.js";

export type DataColumn<T> = {
  key: string;
  header: ReactNode;
  /** What the column holds, where its header is short. */
  title?: string;
  right?: boolean;
  cell: (row: T) => ReactNode;
};

/** A readable table in its own scrolling box; its first column names the rows. */
export function DataTable<T>({
  label,
  caption,
  columns,
  rows,
  keyOf,
  below,
}: {
  /** Name of the scrolling region. */
  label: string;
  caption?: ReactNode;
  columns: readonly DataColumn<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** A line across the table under a row; null for none. */
  below?: (row: T) => ReactNode;
}) {
  return (
    <ScrollRegion label={label}>
      <table className={`data-table ${classes.table}`}>
        <caption className={caption ? classes.caption : "visually-hidden"}>{caption ?? label}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                title={column.title}
                className={column.right ? "right" : undefined}
              >
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const extra = below?.(row) ?? null;
            return (
              <Fragment key={keyOf(row)}>
                <tr>
                  {columns.map((column, index) =>
                    index === 0 ? (
                      <th key={column.key} scope="row" className={classes.name}>
                        {column.cell(row)}
                      </th>
                    ) : (
                      <td key={column.key} className={column.right ? "right" : undefined}>
                        {column.cell(row)}
                      </td>
                    ),
                  )}
                </tr>
                {extra === null ? null : (
                  <tr className={classes.below}>
                    <td colSpan={columns.length}>{extra}</td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
