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

/** A flat table in full precision from rows of any kind. */
export function tableOf<Row>(
  title: string,
  columns: readonly ColumnOf<Row>[],
  rows: readonly Row[],
): AnalysisTable {
  const cells = rows.map((row) => Object.fromEntries(columns.map(({ key, value }) => [key, value(row)])));
  return {
    title,
    columns: columns.map(({ value: _, ...header }) => header),
    rows: cells,
    absent: cells.map(absencesOf),
  };
}
