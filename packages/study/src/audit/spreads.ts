import type { AuditColumn, AuditTable } from "@reprise/contracts";
import { sdBoundsFromRange, tBoundsFromRange } from "@reprise/statistics";
import { countOf, overlap, possible, unitFactor, written } from "./printed.js";
import { collect, findingAt, place, type Rule } from "./rule.js";
import {
  baseAt,
  columnsWith,
  comparable,
  labelOf,
  matchesIn,
  ownRowsOf,
  partnerIn,
  type Row,
  repeatsOf,
  rowsOf,
  textAt,
} from "./tables.js";

function sdAgainstRange(sdRow: Row, sdColumn: AuditColumn, rangeRow: Row, rangeColumn: AuditColumn) {
  const sd = baseAt(sdRow, sdColumn);
  const range = baseAt(rangeRow, rangeColumn);
  const n = repeatsOf(sdRow) ?? repeatsOf(rangeRow);
  if (!sd || !range || n === null) return null;
  const [low] = sdBoundsFromRange(Math.max(0, range.value - range.half), n);
  const [, high] = sdBoundsFromRange(Math.max(0, range.value + range.half), n);
  if (overlap(possible(sd), [low, high])) return [];
  const scale = unitFactor(sdColumn.unit);
  const follows = `${written(low / scale, sd.decimals + 1)} to ${written(high / scale, sd.decimals + 1)}`;
  const where = rangeRow.table === sdRow.table ? "" : ` in ${rangeRow.table.name}`;
  return [
    findingAt("range-sd", sdRow, sdColumn, {
      severity: "error" as const,
      printed: sd.text,
      follows,
      sentence: `${place(sdRow)}: ${labelOf(sdColumn)} ${sd.text} is impossible for ${n} values with ${labelOf(rangeColumn)} ${range.text}${where}; it must lie within ${follows}.`,
    }),
  ];
}

/** Of several columns with ± nobody says which one's runs a column of ranges is about. */
const isSpreadOf = (table: AuditTable, sdColumn: AuditColumn): boolean =>
  sdColumn.of === undefined || columnsWith(table, "sd").every(({ of }) => of === sdColumn.of);

/** Can n values with the printed range have the printed standard deviation? Also across tables, row by row. */
export const rangeSdRule: Rule = (tables) =>
  collect(
    tables.flatMap((sdTable) =>
      columnsWith(sdTable, "sd").flatMap((sdColumn) =>
        tables.flatMap((rangeTable: AuditTable) =>
          columnsWith(rangeTable, "range")
            .filter((rangeColumn) => comparable(sdColumn, rangeColumn) && isSpreadOf(sdTable, sdColumn))
            .flatMap((rangeColumn) =>
              ownRowsOf(sdTable).map((row) => {
                const partner = rangeTable === sdTable ? row : partnerIn(row, rangeTable);
                return partner && sdAgainstRange(row, sdColumn, partner, rangeColumn);
              }),
            ),
        ),
      ),
    ),
  );

type Verdict = ReturnType<typeof tBoundsFromRange>["verdict"];

/** Whether a one-sample t-test must or cannot have been significant, with rounding granted to the printed numbers. */
function verdictOf(row: Row, alpha: number): Verdict | null {
  const { table } = row;
  const [range] = columnsWith(table, "range");
  const mean = range && columnsWith(table, "mean").find((column) => comparable(column, range));
  const reference = range && columnsWith(table, "reference").find((column) => comparable(column, range));
  if (!range || !mean || !reference) return null;
  const [r, m, d] = [baseAt(row, range), baseAt(row, mean), baseAt(row, reference)];
  const n = repeatsOf(row);
  if (!r || !m || !d || n === null) return null;
  const distance = Math.abs(m.value - d.value);
  const room = m.half + d.half;
  const least = { mean: Math.max(0, distance - room), range: r.value + r.half, n, mu: 0 };
  if (tBoundsFromRange(least, alpha).verdict === "must") return "must";
  const most = { mean: distance + room, range: Math.max(0, r.value - r.half), n, mu: 0 };
  return most.range > 0 && tBoundsFromRange(most, alpha).verdict === "cannot" ? "cannot" : "undetermined";
}

/** Could so many one-sample t-tests have been significant, given the printed means, ranges and numbers of repeats? */
export const significanceCountRule: Rule = (tables) =>
  collect(
    tables.flatMap((table) =>
      columnsWith(table, "significantCount").flatMap((column) => {
        const tested = tables.find(({ name }) => name === column.tests);
        if (!tested) return [];
        return rowsOf(table).map((row) => {
          const verdicts = matchesIn(row, tested).map((match) => ({
            match,
            verdict: verdictOf(match, column.alpha ?? 0.05),
          }));
          const printed = textAt(row, column.key);
          const count = countOf(printed, verdicts.length);
          if (count === null || verdicts.length === 0 || verdicts.some(({ verdict }) => verdict === null))
            return null;
          const must = verdicts.filter(({ verdict }) => verdict === "must").length;
          const can = verdicts.length - verdicts.filter(({ verdict }) => verdict === "cannot").length;
          if (count >= must && count <= can) return [];
          const follows = must === can ? String(must) : `${must} to ${can}`;
          return [
            findingAt("significance-count", row, column, {
              severity: "error",
              printed,
              follows: `${follows} of ${verdicts.length}`,
              sentence: `${place(row)}: ${printed} tests are called significant, but the means, ranges and repeats of ${tested.name} allow only ${follows} of ${verdicts.length} at α = ${column.alpha ?? 0.05}, whatever the standard deviations were.`,
            }),
          ];
        });
      }),
    ),
  );
