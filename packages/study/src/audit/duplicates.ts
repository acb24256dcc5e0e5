import type { AuditColumn, AuditFinding, AuditTable, ColumnRole } from "@reprise/contracts";
import { accuracyRule } from "./accuracies.js";
import { readPrinted } from "./printed.js";
import { relativeChangeRule } from "./relative-changes.js";
import { collect, findingAt, place, type Rule } from "./rule.js";
import { columnsWith, labelOf, nameOf, ownRowsOf, partnerIn, type Row, rowsOf, textAt } from "./tables.js";

const measured: ColumnRole[] = [
  "reference",
  "mean",
  "sd",
  "range",
  "min",
  "max",
  "relativeChange",
  "accuracy",
  "sensitivity",
  "specificity",
  "score",
];

/** Fewer values than this agree by chance too easily. */
const shortestColumn = 5;
/**
 * Whether so many different values are enough. The same measurements in another order of rows agree line by line wherever
 * rows that change places have one value: at most in half as many values as there are lines, unless rows keep their place.
 */
const isTelling = (distinct: number, lines: number) => distinct >= 3 && distinct > lines / 2;

type Placed = {
  table: AuditTable;
  column: AuditColumn;
  /** Its values in ascending order: copies agree in them, whatever their order. */
  values: string;
};

/** Rows of two tables in pairs: as printed, and by the identity that varies within both. */
function pairings(a: AuditTable, b: AuditTable): { order: "printed" | "identity"; pairs: [Row, Row][] }[] {
  const [left, right] = [rowsOf(a), rowsOf(b)];
  if (left.length !== right.length) return [];
  const printed = left.flatMap((row, index): [Row, Row][] => {
    const other = right[index];
    return other ? [[row, other]] : [];
  });
  if (a === b) return [{ order: "printed", pairs: printed }];
  const varies = (table: AuditTable, key: string) =>
    new Set(rowsOf(table).map((row) => textAt(row, key))).size > 1;
  const keys = columnsWith(a, "identity")
    .map(({ key }) => key)
    .filter(
      (key) =>
        columnsWith(b, "identity").some((column) => column.key === key) && varies(a, key) && varies(b, key),
    );
  const keyOf = (row: Row) => keys.map((key) => textAt(row, key).toLowerCase()).join("\u0000");
  const byKey = new Map(right.map((row) => [keyOf(row), row]));
  const aligned = left.flatMap((row): [Row, Row][] => {
    const other = byKey.get(keyOf(row));
    return other ? [[row, other]] : [];
  });
  const isBijection = keys.length > 0 && byKey.size === right.length && aligned.length === left.length;
  return [
    { order: "printed", pairs: printed },
    ...(isBijection ? [{ order: "identity" as const, pairs: aligned }] : []),
  ];
}

/** Whether b prints for every row of a what a prints: the same measurements again, in whatever order. */
const restates = (a: Placed, b: Placed): boolean =>
  a.table !== b.table &&
  a.column.subject === b.column.subject &&
  rowsOf(a.table).every((row) => {
    const partner = partnerIn(row, b.table);
    return partner !== null && textAt(row, a.column.key) === textAt(partner, b.column.key);
  });

function repeated(a: Placed, b: Placed): AuditFinding[] | null {
  if (a.table.rows.length < shortestColumn || b.table.rows.length < shortestColumn) return null;
  if (a.values !== b.values) return [];
  const comparisons = pairings(a.table, b.table);
  for (const { order, pairs } of comparisons) {
    const values = pairs.map(
      ([left, right]) => [textAt(left, a.column.key), textAt(right, b.column.key)] as const,
    );
    const printed = values.filter(([left]) => readPrinted(left) !== null);
    const distinct = new Set(printed.map(([left]) => left)).size;
    if (printed.length < shortestColumn || !isTelling(distinct, printed.length)) continue;
    if (values.some(([left, right]) => left !== right)) continue;
    if (restates(a, b)) return [];
    const reordered = order === "printed" && pairs.some(([left, right]) => nameOf(left) !== nameOf(right));
    const twin = `${labelOf(a.column)} of ${a.table.name}`;
    return [
      {
        rule: "duplicated-column",
        severity: "error",
        table: b.table.name,
        row: null,
        column: labelOf(b.column),
        printed: values.map(([, right]) => right).join(", "),
        follows: `measurements of its own, not those of ${twin}`,
        sentence: `${b.table.name}: all ${values.length} values of ${labelOf(b.column)} repeat ${twin} digit by digit${reordered ? ", line by line, although the lines belong to other rows" : ", although the rows are about something else"}; one of the two was copied.`,
      },
    ];
  }
  return [];
}

/** Is a column of measurements printed twice, in rows that mean different things, whatever their order? */
export const duplicatedColumnRule: Rule = (tables) => {
  const columns = tables.flatMap((table) =>
    columnsWith(table, ...measured).map((column): Placed => {
      const texts = rowsOf(table).map((row) => textAt(row, column.key));
      return { table, column, values: texts.toSorted().join("\u0000") };
    }),
  );
  return collect(
    columns.flatMap((a, position) =>
      columns
        .slice(position + 1)
        .filter(
          (b) =>
            a.column.role === b.column.role && (a.table !== b.table || a.column.subject !== b.column.subject),
        )
        .map((b) => repeated(a, b)),
    ),
  );
};

const digitsOf = (text: string) =>
  text
    .replace(/e.*$/i, "")
    .replace(/[^0-9]/g, "")
    .replace(/^0+/, "").length;
/**
 * Where a value does not fit its own row, does the same value fit another row of the column? Then it was probably copied
 * from there. Equal values alone are no finding: among many rows some agree by chance.
 */
export const duplicatedValueRule: Rule = (tables, claims) => {
  const broken = [...accuracyRule(tables, claims).findings, ...relativeChangeRule(tables, claims).findings];
  return collect(
    tables.flatMap((table) =>
      columnsWith(table, "accuracy", "relativeChange").flatMap((column) => {
        const isBroken = (row: Row) =>
          broken.some((f) => f.table === table.name && f.row === nameOf(row) && f.column === labelOf(column));
        return ownRowsOf(table).map((row) => {
          const text = textAt(row, column.key);
          if (digitsOf(text) < 3) return null;
          const twin = rowsOf(table).find(
            (other) => other.index !== row.index && textAt(other, column.key) === text && !isBroken(other),
          );
          if (!twin || !isBroken(row)) return [];
          return [
            findingAt("duplicated-value", row, column, {
              severity: "error",
              printed: text,
              follows: `a value of its own; ${text} fits ${nameOf(twin)}`,
              sentence: `${place(row)}: ${labelOf(column)} ${text} equals that of ${nameOf(twin)}, fits that row and not this one; it was probably copied.`,
            }),
          ];
        });
      }),
    ),
  );
};
