import type { AuditClaim, AuditColumn, AuditTable } from "@reprise/contracts";
import type { Interval } from "@reprise/statistics";
import { inBaseUnit, type Printed, slack, written } from "./printed.js";
import { collect, type Rule } from "./rule.js";
import {
  baseAt,
  columnOf,
  columnsWith,
  labelOf,
  meets,
  nameOf,
  numberAt,
  type Row,
  rowsOf,
  rowUnit,
  statisticOf,
} from "./tables.js";

type RatioClaim = Extract<AuditClaim, { kind: "ratio" }>;
type Quotient = { row: Row; column: AuditColumn; value: Printed; per: Printed; where: string };

/** All quotients that the two printed numbers allow; null where the divisor may be 0. */
function bounds({ value, per }: Quotient): Interval | null {
  if (per.value - per.half <= 0) return null;
  return [
    (value.value - value.half) / (per.value + per.half),
    (value.value + value.half) / (per.value - per.half),
  ];
}

/** Four significant digits: enough to tell two quotients of printed numbers apart. */
const quotient = ({ value, per }: Quotient) => {
  const ratio = value.value / per.value;
  return written(ratio, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(ratio) || 1))));
};

/**
 * Is there one number that all the quotients can be, rounding included? The intervals that the printed numbers allow must
 * have a point in common: the largest of their lower ends may not lie above the smallest of their upper ends.
 */
function compare(
  name: string,
  quotients: readonly Quotient[],
  severity: "warning" | "note",
  because: string,
) {
  const known = quotients.flatMap((item) => {
    const interval = bounds(item);
    return interval ? [{ item, low: interval[0], high: interval[1] }] : [];
  });
  const [first, ...others] = known;
  if (!first || others.length === 0) return null;
  const top = others.reduce((best, next) => (next.low > best.low ? next : best), first);
  const bottom = others.reduce((best, next) => (next.high < best.high ? next : best), first);
  if (top.low <= bottom.high + slack(top.low, bottom.high)) return [];
  const shown = ({ item }: typeof first) =>
    `${quotient(item)} in ${item.where} (${item.value.text} / ${item.per.text})`;
  return [
    {
      rule: "ratio" as const,
      severity,
      table: top.item.row.table.name,
      row: nameOf(top.item.row),
      column: labelOf(top.item.column),
      printed: top.item.value.text,
      follows: `one ${name}: ${quotient(bottom.item)} in ${bottom.item.where}`,
      sentence: `${top.item.row.table.name}: ${name} is ${shown(top)} and ${shown(bottom)}, further apart than rounding explains. ${because}`,
    },
  ];
}

function cellOf(cell: RatioClaim["pairs"][number]["value"], tables: readonly AuditTable[]) {
  const table = tables.find(({ name }) => name === cell.table);
  const column = table && columnOf(table, cell.column);
  const [row, ...more] = table
    ? rowsOf(table).filter((candidate) => meets(candidate, cell.rows, tables))
    : [];
  const value = row && column && baseAt(row, column);
  return value && more.length === 0 ? { row, column, value } : null;
}

/** Ratios that a claim says are one number. */
const claimed: Rule = (tables, claims) =>
  collect(
    claims.flatMap((claim) => {
      if (claim.kind !== "ratio") return [];
      const quotients = claim.pairs.flatMap((pair): Quotient[] => {
        const [value, per] = [cellOf(pair.value, tables), cellOf(pair.per, tables)];
        if (!value || !per) return [];
        return [
          {
            row: value.row,
            column: value.column,
            value: value.value,
            per: per.value,
            where: labelOf(value.column),
          },
        ];
      });
      return [compare(claim.ratio, quotients, "warning", claim.says)];
    }),
  );

const grid = "One electricity grid has one carbon intensity.";

/** kWh and kg CO2e of the same thing: as two columns of every row, or as two rows of every column. */
const carbonPerEnergy: Rule = (tables) =>
  collect(
    tables.flatMap((table) => {
      const byRow = columnsWith(table, "amount")
        .filter(({ unit }) => unit === "kWh")
        .flatMap((energy) =>
          columnsWith(table, "amount")
            .filter(({ unit }) => unit === "kgCO2e")
            .map((carbon) => {
              const quotients = rowsOf(table).flatMap((row): Quotient[] => {
                const [value, per] = [baseAt(row, carbon), baseAt(row, energy)];
                return value && per ? [{ row, column: carbon, value, per, where: nameOf(row) }] : [];
              });
              return compare("CO2e per kWh", quotients, "note", grid);
            }),
        );
      const rows = rowsOf(table);
      const energies = rows.filter((row) => rowUnit(row) === "kWh");
      const total =
        energies.find((row) => statisticOf(row) === "total") ??
        (energies.length === 1 ? energies[0] : undefined);
      const carbons = rows.filter((row) => rowUnit(row) === "kgCO2e");
      const [carbon] = carbons;
      if (!total || !carbon || carbons.length > 1) return byRow;
      const quotients = table.columns.flatMap((column): Quotient[] => {
        if (column.role === "identity" || column.role === "setting") return [];
        const [value, per] = [numberAt(carbon, column.key), numberAt(total, column.key)];
        return value && per
          ? [{ row: carbon, column, value: inBaseUnit(value, "none"), per, where: labelOf(column) }]
          : [];
      });
      return [...byRow, compare("CO2e per kWh", quotients, "warning", grid)];
    }),
  );

/** Are ratios that ought to be one number one number? */
export const ratioRule: Rule = (tables, claims) => {
  const [said, seen] = [claimed(tables, claims), carbonPerEnergy(tables, claims)];
  return { checks: said.checks + seen.checks, findings: [...said.findings, ...seen.findings] };
};
