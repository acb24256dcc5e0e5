import { mean, sum } from "@reprise/statistics";
import { slack, written } from "./printed.js";
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
  textAt,
} from "./tables.js";

const isTotal = (row: Row) =>
  columnsWith(row.table, "identity").some(({ key }) => /^(sum|total|overall|all|Σ)$/i.test(textAt(row, key)));

/** Is the row called sum or total the sum of the others, within their rounding? */
export const totalRule: Rule = (tables) =>
  collect(
    tables.flatMap((table) => {
      const [total, ...more] = rowsOf(table).filter(isTotal);
      if (!total || more.length > 0) return [];
      return columnsWith(table, "amount").map((column) => {
        const printed = numberAt(total, column.key);
        const cells = rowsOf(table)
          .filter((row) => row.index !== total.index)
          .map((row) => textAt(row, column.key));
        const parts = rowsOf(table)
          .filter((row) => row.index !== total.index)
          .flatMap((row) => numberAt(row, column.key) ?? []);
        if (!printed || parts.length < 2 || parts.length < cells.filter(Boolean).length) return null;
        const computed = sum(parts.map(({ value }) => value));
        const room = sum(parts.map(({ half }) => half)) + printed.half + slack(computed);
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
      });
    }),
  );

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
          const parts = matchesIn(row, source).flatMap((match) => numberAt(match, key) ?? []);
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
