import type { AuditColumn, AuditTable } from "@reprise/contracts";
import { mean, sum } from "@reprise/statistics";
import { countOf, type Printed, slack, written } from "./printed.js";
import { collect, findingAt, place, type Rule } from "./rule.js";
import {
  columnOf,
  columnsWith,
  labelOf,
  matchesIn,
  nameOf,
  numberAt,
  type Row,
  rowsOf,
  rowUnit,
  statisticOf,
  textAt,
} from "./tables.js";

/** Is the row called sum or total the sum of the others, within their rounding? Rows in another unit are no parts. */
export const totalRule: Rule = (tables) =>
  collect(
    tables.flatMap((table) => {
      const [total, ...more] = rowsOf(table).filter((row) => statisticOf(row) === "total");
      if (!total || more.length > 0) return [];
      const others = rowsOf(table).filter(
        (row) => row.index !== total.index && statisticOf(row) === null && rowUnit(row) === rowUnit(total),
      );
      const isSum = /^(?:sum|total|Σ)/i.test(nameOf(total));
      return columnsWith(table, ...(isSum ? (["amount", "cases"] as const) : (["amount"] as const))).map(
        (column) => {
          const printed = numberAt(total, column.key);
          const cells = others.map((row) => textAt(row, column.key));
          const parts = others.flatMap((row) => numberAt(row, column.key) ?? []);
          if (!printed || parts.length < 2 || parts.length < cells.filter(Boolean).length) return null;
          const computed = sum(parts.map(({ value }) => value));
          const isCount = column.role === "cases";
          const room = isCount ? 0.5 : sum(parts.map(({ half }) => half)) + printed.half + slack(computed);
          if (Math.abs(computed - printed.value) <= room) return [];
          const follows = written(computed, Math.max(...parts.map(({ decimals }) => decimals)));
          return [
            findingAt("total", total, column, {
              severity: "error",
              printed: printed.text,
              follows,
              sentence: `${place(total)}: ${labelOf(column)} is printed as ${printed.text}, but the ${parts.length} parts add up to ${follows}.`,
            }),
          ];
        },
      );
    }),
  );

/** More subsets than this are not tried: k of m rows have m over k of them. */
const maxSubsets = 200_000;

/** All ways to take k of the numbers; stops at the first that is accepted. */
function someSubset(
  values: readonly Printed[],
  k: number,
  accepts: (chosen: readonly Printed[]) => boolean,
): boolean {
  const choose = (from: number, chosen: readonly Printed[]): boolean => {
    if (chosen.length === k) return accepts(chosen);
    for (let index = from; index <= values.length - (k - chosen.length); index += 1) {
      const value = values[index];
      if (value && choose(index + 1, [...chosen, value])) return true;
    }
    return false;
  };
  return choose(0, []);
}

function binomial(n: number, k: number): number {
  let result = 1;
  for (let index = 1; index <= k; index += 1) result = (result * (n - k + index)) / index;
  return result;
}

/** Is a printed mean over k rows, which ones is not printed, the mean over any k of the matching rows? */
function overSome(
  row: Row,
  column: AuditColumn,
  source: AuditTable,
  parts: readonly { row: Row; value: Printed }[],
) {
  const printed = numberAt(row, column.key);
  const k = countOf(textAt(row, column.aggregates?.countedBy ?? ""), parts.length);
  if (!printed || k === null || k < 1 || k > parts.length || binomial(parts.length, k) > maxSubsets)
    return null;
  const sizes = parts.map(({ value }) => ({ ...value, value: Math.abs(value.value) }));
  const distance = (chosen: readonly Printed[]) => {
    const computed = mean(chosen.map(({ value }) => value));
    const room = mean(chosen.map(({ half }) => half)) + printed.half + slack(computed);
    return Math.max(0, Math.abs(computed - printed.value) - room);
  };
  if (someSubset(sizes, k, (chosen) => distance(chosen) === 0)) return [];
  let nearest = { away: Number.POSITIVE_INFINITY, value: Number.NaN };
  someSubset(sizes, k, (chosen) => {
    const away = distance(chosen);
    if (away < nearest.away) nearest = { away, value: mean(chosen.map(({ value }) => value)) };
    return false;
  });
  const follows = `${written(nearest.value, printed.decimals)}, the nearest mean of ${k} of the ${parts.length} rows`;
  const listed = sizes.map(({ text }) => text.replace(/^[-−]/, "")).join(", ");
  return [
    findingAt("aggregate", row, column, {
      severity: "error",
      printed: printed.text,
      follows,
      sentence: `${place(row)}: ${labelOf(column)} is printed as ${printed.text}, but no ${k} of the ${parts.length} absolute values in ${source.name} (${listed}) have that mean; the nearest is ${written(nearest.value, printed.decimals)}.`,
    }),
  ];
}

/** Is a printed mean of absolute values the mean over the rows that it summarises? */
export const aggregateRule: Rule = (tables) =>
  collect(
    tables.flatMap((table) =>
      columnsWith(table, "aggregate").flatMap((column) => {
        const source = tables.find(({ name }) => name === column.aggregates?.table);
        const key = column.aggregates?.column ?? "";
        if (!source || !columnOf(source, key)) return [];
        return rowsOf(table).map((row) => {
          const printed = numberAt(row, column.key);
          const matches = matchesIn(row, source).flatMap((match) => {
            const value = numberAt(match, key);
            return value ? [{ row: match, value }] : [];
          });
          if (column.aggregates?.countedBy !== undefined) return overSome(row, column, source, matches);
          const parts = matches.map(({ value }) => value);
          if (!printed || parts.length === 0) return null;
          const computed = mean(parts.map(({ value }) => Math.abs(value)));
          const room = mean(parts.map(({ half }) => half)) + printed.half + slack(computed);
          if (Math.abs(computed - printed.value) <= room) return [];
          const follows = written(computed, printed.decimals);
          return [
            findingAt("aggregate", row, column, {
              severity: "error",
              printed: printed.text,
              follows,
              sentence: `${place(row)}: ${labelOf(column)} is printed as ${printed.text}, but the mean of the ${parts.length} absolute values in ${source.name} is ${follows} (${nameOf(row)}).`,
            }),
          ];
        });
      }),
    ),
  );
