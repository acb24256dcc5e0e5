import type { AuditColumn } from "@reprise/contracts";
import { type Interval, relativeChangeBounds } from "@reprise/statistics";
import { overlap, type Printed, possible, slack, written } from "./printed.js";
import { collect, findingAt, place, type Rule } from "./rule.js";
import { columnOf, columnsWith, labelOf, numberAt, ownRowsOf, type Row } from "./tables.js";

type Change = {
  row: Row;
  column: AuditColumn;
  printed: Printed;
  bounds: Interval;
  from: string;
};

/** Every printed relative change with the interval that its two printed parts allow. */
function* changesOf(tables: Parameters<Rule>[0]): Generator<Change> {
  for (const table of tables) {
    for (const column of columnsWith(table, "relativeChange")) {
      const valueColumn = columnOf(table, column.change?.value ?? "");
      const baseColumn = columnOf(table, column.change?.base ?? "");
      if (!valueColumn || !baseColumn) continue;
      for (const row of ownRowsOf(table)) {
        const printed = numberAt(row, column.key);
        const value = numberAt(row, valueColumn.key);
        const base = numberAt(row, baseColumn.key);
        if (!printed || !value || !base || !(base.value - base.half > 0)) continue;
        // Both parts as coarse as the coarser: the interval can only become too wide.
        const bounds = relativeChangeBounds(value.value, base.value, Math.min(value.decimals, base.decimals));
        const from = `${labelOf(valueColumn)} ${value.text} and ${labelOf(baseColumn)} ${base.text}`;
        yield { row, column, printed, bounds, from };
      }
    }
  }
}

/** A fraction column prints (a - b) / b itself, a percent column a hundred times that. */
const inUnit = ([low, high]: Interval, { unit }: AuditColumn): Interval =>
  unit === "fraction" ? [low / 100, high / 100] : [low, high];

const without = ([low, high]: Interval): Interval => {
  const ends = [Math.abs(low), Math.abs(high)];
  return low <= 0 && high >= 0 ? [0, Math.max(...ends)] : [Math.min(...ends), Math.max(...ends)];
};

const follows = ([low, high]: Interval, decimals: number) =>
  `${written(low, decimals + 1)} to ${written(high, decimals + 1)}`;

/** Does the printed relative change come from the two printed numbers, whatever its sign? */
export const relativeChangeRule: Rule = (tables) =>
  collect(
    [...changesOf(tables)].map(({ row, column, printed, bounds, from }) => {
      const allowed = inUnit(bounds, column);
      const size: Interval = [Math.abs(printed.value) - printed.half, Math.abs(printed.value) + printed.half];
      if (overlap(size, without(allowed))) return [];
      const expected = follows(allowed, printed.decimals);
      return [
        findingAt("relative-change", row, column, {
          severity: "error",
          printed: printed.text,
          follows: expected,
          sentence: `${place(row)}: ${labelOf(column)} is printed as ${printed.text}, but ${from} allow only ${expected}, rounding included.`,
        }),
      ];
    }),
  );

/** Does the printed relative change have the sign of the printed difference? */
export const signRule: Rule = (tables) =>
  collect(
    [...changesOf(tables)].map(({ row, column, printed, bounds, from }) => {
      const [low, high] = possible(printed);
      const room = slack(low, high);
      const opposite =
        (low > room && bounds[1] < -slack(bounds[1])) || (high < -room && bounds[0] > slack(bounds[0]));
      if (!opposite) return [];
      const expected = follows(inUnit(bounds, column), printed.decimals);
      return [
        findingAt("sign", row, column, {
          severity: "error",
          printed: printed.text,
          follows: expected,
          sentence: `${place(row)}: ${labelOf(column)} is printed as ${printed.text} with the wrong sign; ${from} give ${expected}.`,
        }),
      ];
    }),
  );
