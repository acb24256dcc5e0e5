import { type AnalysisTable, decimalsByRow, nonFiniteNames } from "@reprise/contracts";
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

/** "shift" of "shiftLow", nothing of "low"; null of what is no end of an interval. */
export const stemOfEnd = (key: string): string | null => /^(.*?)(Low|High|low|high)$/.exec(key)?.[1] ?? null;

/**
 * How uncertain a value of a row is, from its own neighbours: ends of an interval by its half width, everything else by the
 * SD of the same quantity (`sensitivitySd` beside `sensitivityMean`) or of the row (`sd`), a mean without SD by its interval.
 */
function uncertaintyOf(key: string, row: Row): number | null {
  const end = stemOfEnd(key);
  if (end !== null) {
    const width = end === "" ? halfWidth(row, "low", "high") : halfWidth(row, `${end}Low`, `${end}High`);
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

/** Whether a column holds spreads or differences of what the table is about, not levels of it. */
function isDifference(key: string, keys: ReadonlySet<string>): boolean {
  const stem = stemOfEnd(key) ?? key;
  if (stem === "") return keys.has("difference") || (keys.has("sd") && !keys.has("mean"));
  return /(sd|range|difference|shift|optimism|typical|model)$/i.test(stem);
}

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
function columnDecimals(key: string, rows: readonly Row[], { unit, factor }: PrintedUnit): (number | null)[] {
  const own = rows.map((row) => {
    const uncertainty = uncertaintyOf(key, row);
    return finite(row[key]) !== null && uncertainty !== null && uncertainty > 0
      ? decimalsFor(uncertainty * factor)
      : null;
  });
  const most = unit === "%" || unit === "pp" ? mostDecimalsOfPercent : Number.POSITIVE_INFINITY;
  return decimalsByRow(own).map((decimals) => (decimals === null ? null : Math.min(decimals, most)));
}

const unsignedZero = (text: string) => (Number(text) === 0 ? text.replace("-", "") : text);

function printedMetric(key: string, value: number, { unit }: PrintedUnit, known: number | null): string {
  // A spread of exactly nothing is 0, not 0.0000.
  if (value === 0 && /sd$/i.test(key)) return "0";
  const decimals = known ?? (unit === "%" || unit === "pp" ? 2 : null);
  if (decimals === null) return significant(value, 4);
  // A spread of 3e-9 beside a loss of 0.14 is not "0.00000000": where decimals end before its two digits, they are kept.
  if (/sd$/i.test(key) && Math.abs(value) < 10 ** (1 - decimals)) return significant(value, 2);
  return unsignedZero(value.toFixed(decimals));
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
  if (/(^p|P)$/.test(key)) return value < 0.001 ? "<0.001" : value.toFixed(3);
  if (isMetric) return printedMetric(key, value * printed.factor, printed, decimals);
  return Number.isInteger(value) ? String(value) : significant(value, 3);
}

/**
 * The cells of a table as a reader of print wants them: rates in percent, values of the metric with two digits of their
 * uncertainty and as far as that goes alike down a column, p-values with three decimals or "<0.001", whole numbers whole, everything else with
 * three digits; null prints as a dash.
 */
export function printedRows(table: AnalysisTable, metricUnit: string): (string | null)[][] {
  const roundings = table.columns.map((column) => {
    const printed = printedUnit(column, table, metricUnit);
    const isMetric = isMetricIn(column, metricUnit);
    return { isMetric, printed, decimals: isMetric ? columnDecimals(column.key, table.rows, printed) : [] };
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
