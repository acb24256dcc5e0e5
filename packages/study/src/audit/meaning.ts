import type { AuditClaim, AuditColumn, AuditTable } from "@reprise/contracts";
import { type Printed, slack } from "./printed.js";
import { collect, type Rule } from "./rule.js";
import {
  baseAt,
  columnOf,
  columnsWith,
  comparable,
  labelOf,
  matchesIn,
  nameOf,
  type Row,
  rowsOf,
} from "./tables.js";

type Meaning = Extract<AuditClaim, { kind: "meaning" }>["meaning"];
type Case = { row: Row; spread: Printed; reference: Printed; min: Printed; max: Printed };

/** Extremes that bound a row: its own, or those of the first table with a matching row. */
function extremesFor(row: Row, like: AuditColumn, tables: readonly AuditTable[]) {
  for (const table of [row.table, ...tables]) {
    const minColumn = columnsWith(table, "min").find((column) => comparable(column, like));
    const maxColumn = columnsWith(table, "max").find((column) => comparable(column, like));
    const source = table === row.table ? row : matchesIn(row, table)[0];
    if (!minColumn || !maxColumn || !source) continue;
    const [min, max] = [baseAt(source, minColumn), baseAt(source, maxColumn)];
    if (min && max) return { min, max };
  }
  return null;
}

/** Could the printed number be this, with every run between the extremes? */
function isPossible({ spread, reference, min, max }: Case, meaning: Meaning): boolean {
  const room = spread.half + min.half + max.half + slack(max.value);
  if (meaning === "range") return spread.value <= max.value - min.value + room;
  const below = reference.value - spread.value >= min.value - room - reference.half;
  const above = reference.value + spread.value <= max.value + room + reference.half;
  return below || above;
}

const inWords: Record<Meaning, string> = {
  range: "the range of the repeats (largest minus smallest)",
  largestDistanceToReference: "the largest distance of a repeat from the reference run",
};

/** Is a spread column what the text says it is, or can the numbers only be something else? */
export const meaningRule: Rule = (tables, claims) =>
  collect(
    claims.flatMap((claim) => {
      if (claim.kind !== "meaning") return [];
      const table = tables.find(({ name }) => name === claim.table);
      const column = table && columnOf(table, claim.column);
      const referenceColumn =
        column && columnsWith(table, "reference").find((other) => comparable(other, column));
      if (!table || !column || !referenceColumn) return [null];
      const cases = rowsOf(table).flatMap((row): Case[] => {
        const bounds = extremesFor(row, column, tables);
        const [spread, reference] = [baseAt(row, column), baseAt(row, referenceColumn)];
        return bounds && spread && reference ? [{ row, spread, reference, ...bounds }] : [];
      });
      if (cases.length === 0) return [null];
      const impossible = cases.filter((item) => !isPossible(item, claim.meaning));
      const [example] = impossible;
      if (!example) return [[]];
      const other: Meaning = claim.meaning === "range" ? "largestDistanceToReference" : "range";
      const fits = cases.filter((item) => isPossible(item, other)).length;
      const label = labelOf(column);
      return [
        [
          {
            rule: "meaning" as const,
            severity: "error" as const,
            table: table.name,
            row: nameOf(example.row),
            column: label,
            printed: inWords[claim.meaning],
            follows: `${inWords[other]}: possible in ${fits} of ${cases.length} rows`,
            sentence: `The text takes ${label} of ${table.name} for ${inWords[claim.meaning]}, which the extremes rule out in ${impossible.length} of ${cases.length} rows (${nameOf(example.row)}: ${example.spread.text} from ${example.reference.text} leaves ${example.min.text} to ${example.max.text} on both sides). As ${inWords[other]} ${fits} of ${cases.length} rows are possible.`,
          },
        ],
      ];
    }),
  );
