import { type AnalysisTable, decodeNumber, nonFiniteNames } from "@reprise/contracts";
import { decimalsFor } from "../analyses/words.js";

type Row = AnalysisTable["rows"][number];
type Column = AnalysisTable["columns"][number];
type Value = Row[string] | undefined;

function finite(value: Value): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function halfWidth(row: Row, low: string, high: string): number | null {
  const [from, to] = [finite(row[low]), finite(row[high])];
  return from === null || to === null ? null : (to - from) / 2;
}

/**
 * How uncertain a value of a row is, from its own neighbours: ends of an interval by its half width, everything else by the
 * SD of the same quantity (`sensitivitySd` beside `sensitivityMean`) or of the row (`sd`), a mean without SD by its interval.
 */
function uncertaintyOf(key: string, row: Row): number | null {
  const end = /^(.*?)(Low|High|low|high)$/.exec(key);
  if (end) {
    const stem = end[1] ?? "";
    const width = stem === "" ? halfWidth(row, "low", "high") : halfWidth(row, `${stem}Low`, `${stem}High`);
    if (width !== null) return width;
  }
  const stem = key.replace(/(Mean|Sd)$/, "");
  return finite(row[`${stem}Sd`]) ?? finite(row.sd) ?? halfWidth(row, "low", "high");
}

function significant(value: number, digits: number): string {
  if (value === 0) return "0";
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  if (magnitude < -4 || magnitude > 6) return value.toExponential(digits - 1);
  return value.toFixed(Math.max(0, digits - 1 - magnitude));
}

const isMetricIn = (column: Column, metricUnit: string) =>
  column.unit !== null && (column.unit === metricUnit || column.unit === "fraction");

/**
 * Decimals that the cells of a column have at least, so that they can be compared down the page: as many as the most certain
 * row asks for, but at most one more than the least certain one. Null where no row knows its uncertainty.
 */
function columnDecimals(key: string, rows: readonly Row[]): number | null {
  const decimals = rows.flatMap((row) => {
    const uncertainty = uncertaintyOf(key, row);
    return finite(row[key]) !== null && uncertainty !== null && uncertainty > 0
      ? [decimalsFor(uncertainty)]
      : [];
  });
  return decimals.length === 0 ? null : Math.min(Math.max(...decimals), Math.min(...decimals) + 1);
}

function printedMetric(column: Column, row: Row, value: number, common: number | null): string {
  const uncertainty = uncertaintyOf(column.key, row);
  // A spread of exactly nothing is 0, not 0.0000.
  if (value === 0 && /sd$/i.test(column.key)) return "0";
  if (uncertainty !== null && uncertainty > 0) {
    const text = value.toFixed(Math.max(decimalsFor(uncertainty), common ?? 0));
    // A spread of 3e-9 beside a loss of 0.14 is not "0.00000000".
    return Number(text) === 0 && value !== 0 ? significant(value, 2) : text;
  }
  if (common !== null) return value.toFixed(common);
  return column.unit === "fraction" ? value.toFixed(4) : significant(value, 4);
}

function printedCell(column: Column, row: Row, metricUnit: string, common: number | null): string | null {
  const value = row[column.key];
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") {
    const name = nonFiniteNames.find((candidate) => candidate === value);
    return name ? String(decodeNumber(name)) : value;
  }
  if (/(^p|P)$/.test(column.key)) return value < 0.001 ? "<0.001" : value.toFixed(3);
  if (isMetricIn(column, metricUnit)) return printedMetric(column, row, value, common);
  return Number.isInteger(value) ? String(value) : significant(value, 3);
}

/**
 * The cells of a table as a reader of print wants them: values of the metric (and of fractions) with two digits of their
 * uncertainty and alike down a column, p-values with three decimals or "<0.001", whole numbers whole, everything else with
 * three digits; null prints as a dash.
 */
export function printedRows({ columns, rows }: AnalysisTable, metricUnit: string): (string | null)[][] {
  const common = columns.map((column) =>
    isMetricIn(column, metricUnit) ? columnDecimals(column.key, rows) : null,
  );
  return rows.map((row) =>
    columns.map((column, index) => printedCell(column, row, metricUnit, common[index] ?? null)),
  );
}
