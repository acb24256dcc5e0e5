import type { AnalysisTable, WireNumber } from "@reprise/contracts";

import { absencesOf } from "./absences.js";

/** One column: how it is called, what it means, and where its value comes from. */
export type ColumnOf<Row> = AnalysisTable["columns"][number] & {
  value: (row: Row) => WireNumber | string | boolean | null;
};

export function column<Row>(
  key: string,
  label: string,
  unit: string | null,
  description: string,
  value: ColumnOf<Row>["value"],
): ColumnOf<Row> {
  return { key, label, unit, description, value };
}

/** The configuration that a row is about. */
export function configurationColumn<Row>(value: (row: Row) => string): ColumnOf<Row> {
  return column("configuration", "Configuration", null, "What varies between configurations", value);
}

/**
 * A flat table in full precision from rows of any kind.
 *
 * @param absent why a cell is empty, where its row's cells do not show it; null where they do
 */
export function tableOf<Row>(
  title: string,
  columns: readonly ColumnOf<Row>[],
  rows: readonly Row[],
  absent: (row: Row, key: string) => string | null = () => null,
): AnalysisTable {
  const all = rows.map((row) => ({
    row,
    cells: Object.fromEntries(columns.map(({ key, value }) => [key, value(row)])),
  }));
  return {
    title,
    columns: columns.map(({ value: _, ...header }) => header),
    rows: all.map(({ cells }) => cells),
    absent: all.map(({ row, cells }) => absencesOf(cells, (key) => absent(row, key))),
  };
}
