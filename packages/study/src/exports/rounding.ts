import { type AnalysisTable, decodeNumber, nonFiniteNames } from "@reprise/contracts";
import { decimalsFor } from "../analyses/words.js";

type Row = AnalysisTable["rows"][number];
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
export function uncertaintyOf(key: string, row: Row): number | null {
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

/**
 * A cell as a reader of a printed table wants it: values of the metric (and of fractions) with two digits of their
 * uncertainty, p-values with three decimals or "<0.001", whole numbers whole, everything else with three digits.
 */
export function printedValue(
  column: AnalysisTable["columns"][number],
  row: Row,
  metricUnit: string,
): string | null {
  const value = row[column.key];
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") {
    const name = nonFiniteNames.find((candidate) => candidate === value);
    return name ? String(decodeNumber(name)) : value;
  }
  if (/(^p|P)$/.test(column.key)) return value < 0.001 ? "<0.001" : value.toFixed(3);
  const isMetric = column.unit !== null && (column.unit === metricUnit || column.unit === "fraction");
  if (isMetric) {
    const uncertainty = uncertaintyOf(column.key, row);
    if (uncertainty !== null && uncertainty > 0) {
      const text = value.toFixed(decimalsFor(uncertainty));
      // A spread of 3e-9 beside a loss of 0.14 is not "0.00000000".
      return Number(text) === 0 && value !== 0 ? significant(value, 2) : text;
    }
    return column.unit === "fraction" ? value.toFixed(4) : significant(value, 4);
  }
  return Number.isInteger(value) ? String(value) : significant(value, 3);
}
