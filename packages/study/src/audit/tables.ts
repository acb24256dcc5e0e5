import type { AuditColumn, AuditTable, ColumnRole, RowCondition } from "@reprise/contracts";
import { inBaseUnit, type Printed, readPrinted, unitKind } from "./printed.js";

/** A row with the table it stands in. */
export type Row = { table: AuditTable; index: number };

export const rowsOf = (table: AuditTable): Row[] => table.rows.map((_, index) => ({ table, index }));

export const columnsWith = (table: AuditTable, ...roles: ColumnRole[]): AuditColumn[] =>
  table.columns.filter(({ role }) => roles.includes(role));

export const columnOf = (table: AuditTable, key: string): AuditColumn | undefined =>
  table.columns.find((column) => column.key === key);

/** Computed once per table: rows are looked up by the thousand. */
function perTable<T>(compute: (table: AuditTable) => T): (table: AuditTable) => T {
  const known = new WeakMap<AuditTable, { value: T }>();
  return (table) => {
    const found = known.get(table) ?? { value: compute(table) };
    known.set(table, found);
    return found.value;
  };
}

const positionsOf = perTable(({ columns }) => new Map(columns.map(({ key }, position) => [key, position])));

/** The printed cell; "" where the table has no such column. */
export function textAt({ table, index }: Row, key: string): string {
  const position = positionsOf(table).get(key);
  return position === undefined ? "" : (table.rows[index]?.[position]?.trim() ?? "");
}

export const numberAt = (row: Row, key: string): Printed | null => readPrinted(textAt(row, key));

/** The number of a column in the base unit of its kind, so that tables in percent and in fractions compare. */
export function baseAt(row: Row, column: AuditColumn): Printed | null {
  const printed = numberAt(row, column.key);
  return printed && inBaseUnit(printed, column.unit);
}

/** Only columns of one subject and one kind of unit can be compared. */
export const comparable = (a: AuditColumn, b: AuditColumn): boolean =>
  a.subject === b.subject && unitKind(a.unit) === unitKind(b.unit);

const identityKeys = perTable((table) => columnsWith(table, "identity").map(({ key }) => key));

/** Identity columns that tell rows apart in words: what all rows share, or was read out of others, is left out. */
const namingKeys = perTable((table) => {
  const printed = columnsWith(table, "identity").filter(({ known }) => known !== "inferred");
  const keys = printed.length > 0 ? printed.map(({ key }) => key) : identityKeys(table);
  const varying = keys.filter((key) => new Set(rowsOf(table).map((other) => textAt(other, key))).size > 1);
  return varying.length > 0 ? varying : keys;
});

/** Identity in words: "CIFAR-10, ADAM0". */
export function nameOf(row: Row): string {
  const words = namingKeys(row.table)
    .map((key) => textAt(row, key))
    .filter(Boolean);
  return words.length > 0 ? words.join(", ") : `row ${row.index + 1}`;
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

type Index = Map<string, Row[]>;

const indexes = perTable(() => new Map<string, Index>());
const identityOf = (row: Row, keys: readonly string[]) =>
  keys.map((key) => textAt(row, key).toLowerCase()).join("\u0000");

/** Rows of a table by some of its identity columns. */
function indexOf(table: AuditTable, keys: readonly string[]): Index {
  const known = indexes(table);
  const name = keys.join("\u0000");
  const found = known.get(name);
  if (found) return found;
  const index: Index = new Map();
  for (const row of rowsOf(table)) {
    const identity = identityOf(row, keys);
    const rows = index.get(identity);
    if (rows) rows.push(row);
    else index.set(identity, [row]);
  }
  known.set(name, index);
  return index;
}

/** Rows of another table that speak of the same thing: equal in every identity column that both tables have. */
export function matchesIn(row: Row, table: AuditTable): Row[] {
  const others = identityKeys(table);
  const shared = identityKeys(row.table).filter((key) => others.includes(key));
  return shared.length === 0 ? [] : (indexOf(table, shared).get(identityOf(row, shared)) ?? []);
}

/** The one row of another table that speaks of the same thing, when neither side has a second. */
export function partnerIn(row: Row, table: AuditTable): Row | null {
  const [only, ...more] = matchesIn(row, table);
  if (!only || more.length > 0 || matchesIn(only, row.table).length !== 1) return null;
  return only;
}

/** A cell of the row itself or, where its table lacks the column, of the one row elsewhere that matches. */
function findText(row: Row, key: string, tables: readonly AuditTable[]): string {
  if (columnOf(row.table, key)) return textAt(row, key);
  for (const table of tables) {
    if (table === row.table || !columnOf(table, key)) continue;
    const [only, ...more] = matchesIn(row, table);
    if (only && more.length === 0) return textAt(only, key);
  }
  return "";
}

/** Whether a row meets all conditions; numbers are compared as numbers ("5.0e-4" is 0.0005). */
export function meets(row: Row, conditions: readonly RowCondition[], tables: readonly AuditTable[]): boolean {
  return conditions.every(({ column, oneOf, atLeast, atMost }) => {
    const text = findText(row, column, tables);
    const value = readPrinted(text)?.value ?? null;
    const listed = oneOf?.some((wanted) => {
      const number = readPrinted(wanted)?.value ?? null;
      return number !== null && value !== null ? number === value : same(wanted, text);
    });
    if (listed === false) return false;
    if (atLeast !== undefined && !(value !== null && value >= atLeast)) return false;
    return !(atMost !== undefined && !(value !== null && value <= atMost));
  });
}

/** Number of repeats behind a row, from its column of role n. */
export function repeatsOf(row: Row): number | null {
  const [column] = columnsWith(row.table, "n");
  const n = column ? numberAt(row, column.key)?.value : undefined;
  return n !== undefined && Number.isInteger(n) && n >= 2 ? n : null;
}

const statistics: [RegExp, "mean" | "sd" | "min" | "max" | "total"][] = [
  [/^(?:mean|average|avg\.?|ø|arithmetic mean)(?:\s*(?:±|\+\/-|\(|over|of)\s*.*)?$/i, "mean"],
  [/^(?:sd|s\.d\.|std\.?|stdev|std\.? ?dev\.?|standard deviation)$/i, "sd"],
  [/^min(?:imum)?$/i, "min"],
  [/^max(?:imum)?$/i, "max"],
  [/^(?:sum|total|overall|all|Σ)$/i, "total"],
];

/** What a row says that it is of the rows above it: their mean, SD, minimum, maximum or total; null for a row of its own. */
export function statisticOf(row: Row): "mean" | "sd" | "min" | "max" | "total" | null {
  for (const key of identityKeys(row.table)) {
    const text = textAt(row, key).replace(/\s*\((?:kWh|kg[^)]*|%|h|min)\)$/i, "");
    const found = statistics.find(([pattern]) => pattern.test(text));
    if (found) return found[1];
  }
  return null;
}

/** Rows of measurements: what a row of means or SDs prints follows from them and from no rates beside it. */
export const ownRowsOf = (table: AuditTable): Row[] =>
  rowsOf(table).filter((row) => [null, "total"].includes(statisticOf(row)));

/** The unit that the name of a row carries: "SUM (kWh)", "CO2e (kg)"; null for none. */
export function rowUnit(row: Row): "kWh" | "kgCO2e" | null {
  const name = identityKeys(row.table)
    .map((key) => textAt(row, key))
    .join(" ");
  if (/\(\s*kWh\s*\)|^kWh$/i.test(name)) return "kWh";
  return /\(\s*kg[^)]*\)|^kg\b|kg\s?CO2/i.test(name) ? "kgCO2e" : null;
}

export const labelOf = ({ label, key }: AuditColumn): string => label || key;
