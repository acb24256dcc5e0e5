import type { AuditColumn, ColumnRole } from "@reprise/contracts";
import { extremes, mean, standardDeviation } from "@reprise/statistics";
import { type Printed, slack, written } from "./printed.js";
import { collect, findingAt, place, type Rule } from "./rule.js";
import {
  columnsWith,
  comparable,
  labelOf,
  nameOf,
  numberAt,
  type Row,
  rowsOf,
  statisticOf,
  textAt,
} from "./tables.js";

type Statistic = "mean" | "sd" | "min" | "max";

/** A statistic of printed numbers, and how far rounding can have moved it. */
type Computed = { value: number; room: number; otherwise?: { value: number; room: number } };

/**
 * Mean, SD, minimum or maximum of numbers that are known to half a unit each. An SD moves by at most h √(n / (n − 1)) when
 * every number moves by at most h (the SD of what is added, by the triangle inequality); some print it with n below.
 */
function computed(values: readonly Printed[], statistic: Statistic): Computed {
  const numbers = values.map(({ value }) => value);
  const half = Math.max(...values.map((value) => value.half));
  const n = numbers.length;
  if (statistic === "mean") return { value: mean(numbers), room: mean(values.map((value) => value.half)) };
  if (statistic === "sd") {
    const value = standardDeviation(numbers);
    const [room, ratio] = [half * Math.sqrt(n / (n - 1)), Math.sqrt((n - 1) / n)];
    return { value, room, otherwise: { value: value * ratio, room: half } };
  }
  const [low, high] = extremes(numbers);
  return { value: statistic === "min" ? low : high, room: half };
}

/** Whether the printed number is the statistic, rounded or cut off. */
const fits = (printed: Printed, { value, room }: { value: number; room: number }) =>
  Math.abs(printed.value - value) <= room + 2 * printed.half + slack(value, printed.value);

const words: Record<Statistic, string> = { mean: "mean", sd: "SD", min: "minimum", max: "maximum" };

function compared(
  row: Row,
  column: AuditColumn,
  statistic: Statistic,
  values: readonly Printed[],
  of: string,
) {
  const printed = numberAt(row, column.key);
  if (!printed || values.length < 2) return null;
  const result = computed(values, statistic);
  if (fits(printed, result) || (result.otherwise && fits(printed, result.otherwise))) return [];
  const decimals = Math.max(printed.decimals, ...values.map((value) => value.decimals));
  const follows = written(result.value, decimals);
  return [
    findingAt("row-statistic", row, column, {
      severity: "error" as const,
      printed: printed.text,
      follows,
      sentence: `${place(row)}: ${labelOf(column)} is printed as ${printed.text}, but the ${words[statistic]} of the ${values.length} ${of} is ${follows}.`,
    }),
  ];
}

/** Runs that stand in columns of their own, beside columns with their mean, SD, minimum and maximum. */
const besideRuns: Rule = (tables) =>
  collect(
    tables.flatMap((table) => {
      const runs = columnsWith(table, "run");
      if (runs.length < 2) return [];
      return (["mean", "sd", "min", "max"] as const).flatMap((statistic) =>
        columnsWith(table, statistic)
          .filter(
            (column) =>
              column.of === undefined &&
              runs.every((run) => run.unit === column.unit && comparable(run, column)),
          )
          .flatMap((column) =>
            rowsOf(table).map((row) => {
              const values = runs.flatMap(({ key }) => numberAt(row, key) ?? []);
              const isWhole = values.length === runs.filter(({ key }) => textAt(row, key) !== "").length;
              return isWhole ? compared(row, column, statistic, values, "runs of its row") : null;
            }),
          ),
      );
    }),
  );

/** Whether a mean over rows of different size is that of all their cases. */
function isWeighted(row: Row, column: AuditColumn, own: readonly Row[]): boolean {
  const [cases] = columnsWith(row.table, "cases");
  const printed = numberAt(row, column.key);
  const parts = own.map((other) => ({
    value: numberAt(other, column.key),
    weight: cases ? (numberAt(other, cases.key)?.value ?? 0) : 0,
  }));
  const all = parts.reduce((sum, { weight }) => sum + weight, 0);
  if (!printed || all === 0 || parts.some(({ value }) => !value)) return false;
  const over = (of: (value: Printed) => number) =>
    parts.reduce((sum, { value, weight }) => sum + (value ? of(value) * weight : 0), 0) / all;
  return fits(printed, { value: over(({ value }) => value), room: over(({ half }) => half) });
}

const levels: ColumnRole[] = ["accuracy", "sensitivity", "specificity", "score", "mean", "reference", "run"];

/** Rows called mean, SD, minimum or maximum, over the rows above them that are none. */
const belowRows: Rule = (tables) =>
  collect(
    tables.flatMap((table) => {
      const rows = rowsOf(table);
      const isStatistic = (row: Row) => statisticOf(row) !== null;
      return rows.filter(isStatistic).flatMap((row) => {
        const statistic = statisticOf(row);
        if (statistic === null || statistic === "total") return [];
        // Of several groups with a mean each, a row is about those since the last such row of its kind.
        const before = rows.slice(0, row.index);
        const last = before.findLastIndex(
          (other, index) =>
            isStatistic(other) && before.slice(index).some((between) => !isStatistic(between)),
        );
        const own = before.slice(last + 1).filter((other) => !isStatistic(other));
        const spreads =
          statistic === "mean"
            ? columnsWith(table, "sd").filter(
                ({ of, key }) => of !== undefined && own.every((other) => textAt(other, key) === ""),
              )
            : [];
        const columns = [
          ...columnsWith(table, ...levels).map((column) => ({ column, kind: statistic, from: column.key })),
          // "91.2 ± 0.3" below rows without a spread of their own: the mean and the SD of these rows.
          ...spreads.map((column) => ({ column, kind: "sd" as const, from: column.of ?? "" })),
        ];
        return columns.map(({ column, kind, from }) => {
          const values = own.flatMap((other) => numberAt(other, from) ?? []);
          const filled = own.filter((other) => textAt(other, from) !== "").length;
          if (values.length < filled || values.length < 2) return null;
          const found = compared(
            row,
            column,
            kind,
            values,
            `rows above it (${nameOf(own[0] ?? row)} to ${nameOf(own.at(-1) ?? row)})`,
          );
          if (found === null || found.length === 0) return found;
          if (kind === "mean" && isWeighted(row, column, own)) return [];
          if (last < 0) return found;
          // The mean of all rows stands below the last group, too.
          const all = before
            .filter((other) => !isStatistic(other))
            .flatMap((other) => numberAt(other, from) ?? []);
          return compared(row, column, kind, all, "rows above it")?.length === 0 ? [] : found;
        });
      });
    }),
  );

/** Are printed means, SDs and extremes those of the numbers that are printed with them, in the same row or above? */
export const rowStatisticRule: Rule = (tables, claims) => {
  const [beside, below] = [besideRuns(tables, claims), belowRows(tables, claims)];
  return { checks: beside.checks + below.checks, findings: [...beside.findings, ...below.findings] };
};
