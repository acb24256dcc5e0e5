import { type AnalysisTable, decimalsByRow, nonFiniteNames } from "@reprise/contracts";
import { decimalsFor, scientific } from "../analyses/words.js";
import { isDifference, isPValue, isSpread, neighboursOf, stemOfEnd } from "./column-facts.js";

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

/** How uncertain a value is by its own neighbours: ends of an interval by its half width, else its SD, else its interval. */
function ownUncertainty(key: string, row: Row): number | null {
  const neighbours = neighboursOf(key);
  if (neighbours === null) return null;
  const { sd, low, high } = neighbours;
  const width = halfWidth(row, low, high);
  return stemOfEnd(key) === null ? (finite(row[sd]) ?? width) : (width ?? finite(row[sd]));
}

/** That of a value of the metric: where it has none of its own, the SD of the row, or the interval of its mean. */
const uncertaintyOf = (key: string, row: Row): number | null =>
  ownUncertainty(key, row) ?? finite(row.sd) ?? halfWidth(row, "low", "high");

function significant(value: number, digits: number): string {
  if (value === 0) return "0";
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  if (magnitude < -4 || magnitude > 6) return scientific(value, digits - 1);
  return value.toFixed(Math.max(0, digits - 1 - magnitude));
}

const isMetricIn = (column: Column, metricUnit: string) =>
  column.unit !== null && (column.unit === metricUnit || column.unit === "fraction");

/** In what a column is printed, and by what its values are multiplied: rates in percent and pp, as on the pages. */
export type PrintedUnit = { unit: string | null; factor: number };

export function printedUnit(column: Column, { columns }: AnalysisTable, metricUnit: string): PrintedUnit {
  const isFraction = column.unit === "fraction";
  if (!isFraction && !(column.unit === "percent" && isMetricIn(column, metricUnit)))
    return { unit: column.unit, factor: 1 };
  const keys = new Set(columns.map(({ key }) => key));
  return { unit: isDifference(column.key, keys) ? "pp" : "%", factor: isFraction ? 100 : 1 };
}

/** Pages show percent with no more. */
const mostDecimalsOfPercent = 3;

/** Decimals of the cells of a column by the uncertainties of its rows; null where none is known. */
function columnDecimals(
  key: string,
  rows: readonly Row[],
  { unit, factor }: PrintedUnit,
  isMetric: boolean,
): (number | null)[] {
  const own = rows.map((row) => {
    const uncertainty = isMetric ? uncertaintyOf(key, row) : ownUncertainty(key, row);
    return finite(row[key]) !== null && uncertainty !== null && uncertainty > 0
      ? decimalsFor(uncertainty * factor)
      : null;
  });
  const most = unit === "%" || unit === "pp" ? mostDecimalsOfPercent : Number.POSITIVE_INFINITY;
  return decimalsByRow(own).map((decimals) => (decimals === null ? null : Math.min(decimals, most)));
}

/** A number with the minus of typographers, and none before zero. */
const signed = (text: string) => text.replace(/-/g, Number(text) === 0 ? "" : "−");

function printedMetric(key: string, value: number, { unit }: PrintedUnit, known: number | null): string {
  // A spread of exactly nothing is 0, not 0.0000.
  if (value === 0 && isSpread(key)) return "0";
  const decimals = known ?? (unit === "%" || unit === "pp" ? 2 : null);
  if (decimals === null) return significant(value, 4);
  // A spread of 3e-9 beside a loss of 0.14 is not "0.00000000": where decimals end before its two digits, they are kept.
  if (isSpread(key) && Math.abs(value) < 10 ** (1 - decimals)) return significant(value, 2);
  // Of the end of an interval the side of zero counts, which "0.0" would hide; what is far less than a digit is zero in effect.
  const isEnd = stemOfEnd(key) !== null && Number(value.toFixed(decimals)) === 0;
  return isEnd && Math.abs(value) > 1e-9 * 10 ** -decimals ? significant(value, 1) : value.toFixed(decimals);
}

const printedNames = { NaN: "NaN", Infinity: "∞", "-Infinity": "−∞" } as const;

type Rounding = { isMetric: boolean; printed: PrintedUnit; decimals: number | null };

function printedCell(key: string, value: Value, { isMetric, printed, decimals }: Rounding): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") {
    const name = nonFiniteNames.find((candidate) => candidate === value);
    return name ? printedNames[name] : value;
  }
  if (isPValue(key)) return value < 0.001 ? "<0.001" : value.toFixed(3);
  if (isMetric || decimals !== null)
    return signed(printedMetric(key, value * printed.factor, printed, decimals));
  return signed(Number.isInteger(value) ? String(value) : significant(value, 3));
}

/**
 * The cells of a table as a reader of print wants them: rates in percent, values whose uncertainty is known with two digits
 * of it and as far as that goes alike down a column, p-values with three decimals or "<0.001", whole numbers whole, everything else with
 * three digits; null prints as a dash.
 */
export function printedRows(table: AnalysisTable, metricUnit: string): (string | null)[][] {
  const roundings = table.columns.map((column) => {
    const printed = printedUnit(column, table, metricUnit);
    const isMetric = isMetricIn(column, metricUnit);
    return { isMetric, printed, decimals: columnDecimals(column.key, table.rows, printed, isMetric) };
  });
  return table.rows.map((row, at) =>
    table.columns.map(({ key }, index) => {
      const rounding = roundings[index];
      return rounding
        ? printedCell(key, row[key], { ...rounding, decimals: rounding.decimals[at] ?? null })
        : null;
    }),
  );
}
