import type { AuditClaim, AuditColumn, AuditFinding, AuditTable } from "@reprise/contracts";
import { mean, relativeChangeBounds, standardDeviation, sum } from "@reprise/statistics";
import { inBaseUnit, type Printed, slack, unitFactor, written } from "./printed.js";
import { collect, place, type Rule } from "./rule.js";
import { spanContradictions } from "./spans.js";
import { columnOf, labelOf, meets, nameOf, numberAt, ownRowsOf, type Row } from "./tables.js";

type Of<Kind extends AuditClaim["kind"]> = Extract<AuditClaim, { kind: Kind }>;
type Tables = readonly AuditTable[];

const tableOf = (tables: Tables, name: string) => tables.find((table) => table.name === name);

type Detail = Pick<AuditFinding, "row" | "column" | "printed" | "follows" | "severity"> & { but: string };

function contradiction(claim: AuditClaim, { but, ...detail }: Detail): AuditFinding {
  const where = claim.where === "" ? "" : ` (${claim.where})`;
  return {
    rule: "claim",
    table: claim.table,
    ...detail,
    sentence: `The text says${where}: ${claim.says} But ${but}`,
  };
}

type Valued = { row: Row; printed: Printed };

const valuesOf = (rows: readonly Row[], key: string): Valued[] =>
  rows.flatMap((row) => {
    const printed = numberAt(row, key);
    return printed ? [{ row, printed }] : [];
  });

const numbers = (values: readonly Valued[]) => values.map(({ printed }) => printed.value);
const largest = (values: readonly Valued[]) =>
  values.reduce((best, next) => (next.printed.value > best.printed.value ? next : best));

/** In each column: the mean of the subject must lie on the claimed side, and the extreme of all rows on the other's. */
function compareRows(claim: Of<"comparison">, tables: Tables): (AuditFinding[] | null)[] {
  const table = tableOf(tables, claim.table);
  if (!table) return [];
  const subjectRows = ownRowsOf(table).filter((row) => meets(row, claim.subject, tables));
  const againstRows = ownRowsOf(table).filter((row) => meets(row, claim.against, tables));
  return claim.columns.map((key) => {
    const column = columnOf(table, key);
    const [subject, against] = [valuesOf(subjectRows, key), valuesOf(againstRows, key)];
    if (!column || subject.length === 0 || against.length === 0) return null;
    const [lower, upper] = claim.relation === "below" ? [subject, against] : [against, subject];
    const [m, o] = [mean(numbers(subject)), mean(numbers(against))];
    const decimals = Math.max(...[...subject, ...against].map(({ printed }) => printed.decimals));
    const room = mean([...subject, ...against].map(({ printed }) => printed.half)) + slack(m, o);
    const label = labelOf(column);
    const means = `mean ${written(m, decimals)} over ${subject.length} against ${written(o, decimals)} over ${against.length} rows`;
    const top = largest(lower);
    const isTop = top.printed.value > largest(upper).printed.value + slack(top.printed.value);
    if (mean(numbers(lower)) - mean(numbers(upper)) >= room) {
      const best = isTop ? `; ${nameOf(top.row)} has the largest value of all, ${top.printed.text}` : "";
      return [
        contradiction(claim, {
          severity: "error",
          row: isTop ? nameOf(top.row) : null,
          column: label,
          printed: claim.says,
          follows: means,
          but: `in ${label} of ${table.name} it is the other way round: ${means}${best}.`,
        }),
      ];
    }
    if (!isTop) return [];
    return [
      contradiction(claim, {
        severity: "warning",
        row: nameOf(top.row),
        column: label,
        printed: claim.says,
        follows: `${nameOf(top.row)}: ${top.printed.text}, the largest of all`,
        but: `in ${label} of ${table.name} the largest value of all is ${top.printed.text}, of ${nameOf(top.row)}, although the means agree (${means}).`,
      }),
    ];
  });
}

function compareColumns(claim: Of<"columns">, tables: Tables): (AuditFinding[] | null)[] {
  const table = tableOf(tables, claim.table);
  const column = table && columnOf(table, claim.column);
  if (!table || !column) return [];
  const statistic = claim.statistic === "sd" ? standardDeviation : mean;
  const figure = (of: AuditColumn) => {
    const values = valuesOf(ownRowsOf(table), of.key);
    return values.length < 2 ? null : { value: statistic(numbers(values)) * unitFactor(of.unit), of };
  };
  const own = figure(column);
  return claim.others.map((key) => {
    const otherColumn = columnOf(table, key);
    const other = otherColumn && figure(otherColumn);
    if (!own || !other) return null;
    const holds = claim.relation === "below" ? own.value < other.value : own.value > other.value;
    if (holds) return [];
    const shown = ({ value, of }: typeof own) =>
      `${written(value / unitFactor(of.unit), 2)} (${labelOf(of)})`;
    const name = claim.statistic === "sd" ? "SD" : "mean";
    return [
      contradiction(claim, {
        severity: "error",
        row: null,
        column: labelOf(column),
        printed: claim.says,
        follows: `${name} ${shown(own)} against ${shown(other)}`,
        but: `over all rows of ${table.name} the ${name} is ${shown(own)} against ${shown(other)}.`,
      }),
    ];
  });
}

function compareBound(claim: Of<"atMost">, tables: Tables): (AuditFinding[] | null)[] {
  const table = tableOf(tables, claim.table);
  const column = table && columnOf(table, claim.value);
  if (!table || !column) return [];
  return ownRowsOf(table).map((row) => {
    const [value, base] = [numberAt(row, claim.value), numberAt(row, claim.base)];
    if (!value || !base || !(base.value - base.half > 0)) return null;
    const [least] = relativeChangeBounds(value.value, base.value, Math.min(value.decimals, base.decimals));
    if (least <= claim.percent + slack(claim.percent)) return [];
    const follows = `${written(least, 1)} %`;
    return [
      contradiction(claim, {
        severity: "error",
        row: nameOf(row),
        column: labelOf(column),
        printed: `at most ${claim.percent} %`,
        follows,
        but: `in ${place(row)} it is ${follows}: ${value.text} against ${base.text}.`,
      }),
    ];
  });
}

function compareTotal(claim: Of<"total">, tables: Tables): (AuditFinding[] | null)[] {
  const parts = claim.terms.flatMap(({ table: name, column: key, times }) => {
    const table = tableOf(tables, name);
    const column = table && columnOf(table, key);
    if (!table || !column) return [];
    return ownRowsOf(table).flatMap((row) => {
      const printed = numberAt(row, key);
      const factor = typeof times === "number" ? times : (numberAt(row, times)?.value ?? Number.NaN);
      return printed ? [inBaseUnit(printed, column.unit).value * factor] : [];
    });
  });
  if (parts.length === 0 || parts.some(Number.isNaN)) return [null];
  const computed = sum(parts) / unitFactor(claim.unit);
  if (
    Math.abs(computed - claim.stated) <=
    (Math.abs(claim.stated) * claim.tolerancePercent) / 100 + slack(computed)
  )
    return [[]];
  const follows = `${written(computed, Number.isInteger(claim.stated) ? 0 : 2)} ${claim.unit}`;
  const tablesNamed = [...new Set(claim.terms.map(({ table }) => table))].join(", ");
  return [
    [
      contradiction(claim, {
        severity: "error",
        row: null,
        column: null,
        printed: `${claim.stated} ${claim.unit}`,
        follows,
        but: `the rows of ${tablesNamed} add up to ${follows}.`,
      }),
    ],
  ];
}

/** Do the rows say what the text says they say? */
export const claimRule: Rule = (tables, claims) =>
  collect(
    claims.flatMap((claim) => {
      if (claim.kind === "comparison") return compareRows(claim, tables);
      if (claim.kind === "columns") return compareColumns(claim, tables);
      if (claim.kind === "atMost") return compareBound(claim, tables);
      if (claim.kind === "total") return compareTotal(claim, tables);
      if (claim.kind !== "span") return [];
      return spanContradictions(claim, tables).map((found) =>
        found === null ? null : found.map((detail) => contradiction(claim, detail)),
      );
    }),
  );

/** Columns and tables that claims name and that do not exist, for a request to be refused with. */
export function unknownNames(
  claim: AuditClaim,
  tables: Tables,
): { name: string; known: string[]; what: string }[] {
  const table = tableOf(tables, claim.table);
  const names = tables.map(({ name }) => name);
  if (!table) return [{ what: "table", name: claim.table, known: names }];
  const anywhere = [...new Set(tables.flatMap(({ columns }) => columns.map(({ key }) => key)))];
  const own = table.columns.map(({ key }) => key);
  const missing = (keys: readonly string[], known: string[]) =>
    keys.filter((key) => !known.includes(key)).map((name) => ({ what: "column", name, known }));
  if (claim.kind === "comparison")
    return [
      ...missing(claim.columns, own),
      ...missing(
        [...claim.subject, ...claim.against].map(({ column }) => column),
        anywhere,
      ),
    ];
  if (claim.kind === "columns") return missing([claim.column, ...claim.others], own);
  if (claim.kind === "atMost") return missing([claim.value, claim.base], own);
  if (claim.kind === "meaning") return missing([claim.column], own);
  if (claim.kind === "size") return [];
  if (claim.kind === "span")
    return [
      ...missing([claim.column], own),
      ...missing(
        claim.rows.map(({ column }) => column),
        anywhere,
      ),
    ];
  if (claim.kind === "ratio")
    return claim.pairs
      .flatMap(({ value, per }) => [value, per])
      .flatMap((cell) => {
        const source = tableOf(tables, cell.table);
        if (!source) return [{ what: "table", name: cell.table, known: names }];
        return missing(
          [cell.column, ...cell.rows.map(({ column }) => column)],
          source.columns.map(({ key }) => key),
        );
      });
  if (claim.kind === "equivalent")
    return [
      ...missing(claim.irrelevant, own),
      ...missing(
        claim.when.map(({ column }) => column),
        anywhere,
      ),
    ];
  return claim.terms.flatMap((term) => {
    const source = tableOf(tables, term.table);
    if (!source) return [{ what: "table", name: term.table, known: names }];
    const times = typeof term.times === "string" ? [term.times] : [];
    return missing(
      [term.column, ...times],
      source.columns.map(({ key }) => key),
    );
  });
}
