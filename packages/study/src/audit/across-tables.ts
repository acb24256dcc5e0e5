import type { AuditColumn, AuditFinding, AuditTable, ColumnRole } from "@reprise/contracts";
import { overlap, type Printed, possible, slack } from "./printed.js";
import { collect, findingAt, place, type Rule } from "./rule.js";
import {
  baseAt,
  columnsWith,
  comparable,
  labelOf,
  matchesIn,
  nameOf,
  ownRowsOf,
  partnerIn,
  type Row,
  rowsOf,
} from "./tables.js";

const measured: ColumnRole[] = [
  "reference",
  "mean",
  "sd",
  "range",
  "min",
  "max",
  "accuracy",
  "sensitivity",
  "specificity",
  "score",
];

/** Would cutting the finer number off, instead of rounding it, give the coarser one? */
function isCutOff(a: Printed, b: Printed): boolean {
  const [fine, coarse] = a.half < b.half ? [a, b] : [b, a];
  const unit = 2 * coarse.half;
  const room = slack(fine.value, coarse.value);
  return (
    fine.half < coarse.half &&
    fine.value >= coarse.value - room &&
    fine.value < coarse.value + unit + fine.half + room
  );
}

/** Do two tables print the same quantity of the same row alike? */
export const crossTableRule: Rule = (tables) =>
  collect(
    tables.flatMap((first, position) =>
      tables.slice(position + 1).flatMap((second) =>
        columnsWith(first, ...measured).flatMap((a) =>
          columnsWith(second, a.role)
            .filter((b) => comparable(a, b))
            .flatMap((b) =>
              rowsOf(second).map((row) => {
                const partner = partnerIn(row, first);
                const here = baseAt(row, b);
                const there = partner && baseAt(partner, a);
                if (!here || !there) return null;
                if (overlap(possible(here), possible(there))) return [];
                const cut = isCutOff(here, there);
                return [
                  findingAt("cross-table", row, b, {
                    severity: cut ? "note" : "error",
                    printed: here.text,
                    follows: `${there.text} in ${first.name}`,
                    sentence: `${place(row)}: ${labelOf(b)} is ${here.text} here and ${there.text} in ${first.name}${cut ? "; it was cut off instead of rounded" : ", more than rounding explains"}.`,
                  }),
                ];
              }),
            ),
        ),
      ),
    ),
  );

type Extremes = { row: Row; min: Printed; max: Printed };

function outside(value: Printed, { min, max }: Extremes): boolean {
  const room = value.half + slack(value.value);
  return value.value + room < min.value - min.half || value.value - room > max.value + max.half;
}

function contained(row: Row, column: AuditColumn, value: Printed, extremes: Extremes): AuditFinding[] {
  const span = `${extremes.min.text} to ${extremes.max.text}`;
  const source =
    extremes.row.table === row.table
      ? "of the same row"
      : `that ${extremes.row.table.name} gives for ${nameOf(extremes.row)}`;
  if (column.role === "range") {
    const width = extremes.max.value - extremes.min.value;
    const room = value.half + extremes.min.half + extremes.max.half + slack(width);
    const ownRow = extremes.row.table === row.table;
    const differs = ownRow ? Math.abs(value.value - width) > room : value.value > width + room;
    if (!differs) return [];
    return [
      findingAt("containment", row, column, {
        severity: "error",
        printed: value.text,
        follows: `${ownRow ? "the width" : "at most the width"} of ${span}`,
        sentence: `${place(row)}: ${labelOf(column)} ${value.text} does not fit the extremes ${span} ${source}.`,
      }),
    ];
  }
  if (!outside(value, extremes)) return [];
  const isReference = column.role === "reference";
  return [
    findingAt("containment", row, column, {
      severity: isReference ? "warning" : "error",
      printed: value.text,
      follows: `within ${span}`,
      sentence: `${place(row)}: ${labelOf(column)} ${value.text} lies outside ${span}, the extremes ${source}${isReference ? "; unless these leave the reference runs out, one of the two is wrong" : ""}.`,
    }),
  ];
}

/** Columns of extremes; those that stand in the cells of another column are the ends of its interval. */
const extremesIn = (table: AuditTable, role: "min" | "max") =>
  columnsWith(table, role).filter(({ of }) => of === undefined);

/** Does an interval printed beside a number hold it? */
const withinIntervals: Rule = (tables) =>
  collect(
    tables.flatMap((table) =>
      columnsWith(table, "min").flatMap((low) => {
        const column = table.columns.find(({ key }) => key === low.of);
        const high = columnsWith(table, "max").find(({ of }) => of !== undefined && of === low.of);
        if (!column || !high) return [];
        return ownRowsOf(table).map((row) => {
          const [value, min, max] = [column, low, high].map((each) => baseAt(row, each));
          return value && min && max
            ? contained(row, { ...column, role: "mean" }, value, { row, min, max })
            : null;
        });
      }),
    ),
  );

/**
 * Do means lie between the printed extremes, and is a range no wider? Across tables extremes bound every row they match;
 * reference values only where extremes summarise several rows (a deterministic run may well lie outside its own repeats).
 */
const withinExtremes: Rule = (tables) =>
  collect(
    tables.flatMap((table) =>
      extremesIn(table, "min").flatMap((minColumn) => {
        const maxColumn = extremesIn(table, "max").find((column) => comparable(column, minColumn));
        if (!maxColumn) return [];
        return ownRowsOf(table).flatMap((row) => {
          const [min, max] = [baseAt(row, minColumn), baseAt(row, maxColumn)];
          if (!min || !max) return [];
          const extremes = { row, min, max };
          return tables.flatMap((other) => {
            const inside = other === table ? [row] : matchesIn(row, other);
            const summarises = other !== table && inside.length > 1;
            const coarser = other === table || inside.every((match) => matchesIn(match, table).length === 1);
            if (!coarser) return [];
            const roles: ColumnRole[] = summarises ? ["mean", "range", "reference"] : ["mean", "range"];
            return columnsWith(other, ...roles)
              .filter((column) => comparable(column, minColumn))
              .flatMap((column) =>
                inside.map((match) => {
                  const value = baseAt(match, column);
                  return value && contained(match, column, value, extremes);
                }),
              );
          });
        });
      }),
    ),
  );

/** Does everything lie where the printed extremes and intervals say? */
export const containmentRule: Rule = (tables, claims) => {
  const [extremes, intervals] = [withinExtremes(tables, claims), withinIntervals(tables, claims)];
  return {
    checks: extremes.checks + intervals.checks,
    findings: [...extremes.findings, ...intervals.findings],
  };
};
