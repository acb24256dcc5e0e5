import {
  type AuditClaim,
  type AuditColumn,
  type AuditRequest,
  type AuditTable,
  type ColumnRole,
  didYouMean,
  type FieldError,
  type Parsed,
  showValue,
} from "@reprise/contracts";
import { CsvError, parse } from "csv-parse/sync";
import { z } from "zod";
import { unknownNames } from "./claims.js";
import { readPrinted } from "./printed.js";

/** Cells of these roles are words; everything else must be a number or blank. */
const wordRoles: ColumnRole[] = ["identity", "setting", "significantCount", "other"];
const blank = /^(|-|–|—|\.|na|n\/a|nan|null)$/i;
/** More would only repeat the same mistake. */
const maxErrors = 20;

/** A summary table is short; comparing every row with every other one has its price. */
const maxRows = 200;
const maxColumns = 40;

const records = z.array(z.array(z.string()));

/** The separator that stands most often in the header line. */
function delimiterOf(csv: string): string {
  const [header = ""] = csv.split(/\r?\n/, 1);
  const count = (separator: string) => header.split(separator).length;
  return ["\t", ";", ","].reduce((best, next) => (count(next) >= count(best) ? next : best));
}

function readCsv(csv: string, path: string): Parsed<string[][]> {
  try {
    const rows = records.parse(
      parse(csv, { bom: true, delimiter: delimiterOf(csv), skip_empty_lines: true, trim: true }),
    );
    if (rows.length > maxRows + 1) {
      return {
        ok: false,
        errors: [{ path, message: `has ${rows.length - 1} rows; at most ${maxRows} are taken` }],
      };
    }
    if (rows.length >= 2) return { ok: true, value: rows };
    return { ok: false, errors: [{ path, message: "needs a header line and at least one row" }] };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { ok: false, errors: [{ path, message: error.message }] };
  }
}

type Given = AuditRequest["tables"][number];
type PastedTable = { table: AuditTable; ignored: string[] };

function headerErrors({ columns }: Given, header: readonly string[], path: string): FieldError[] {
  const unknown = (name: string, at: string): FieldError[] =>
    header.includes(name)
      ? []
      : [
          {
            path: at,
            message: "the CSV has no such column",
            value: showValue(name),
            suggestion: didYouMean(name, header),
          },
        ];
  const repeated = header.filter((name, index) => header.indexOf(name) !== index);
  return [
    ...repeated.map((name) => ({
      path: `${path}.csv`,
      message: "the header names a column twice",
      value: showValue(name),
    })),
    ...Object.entries(columns).flatMap(([name, { role, change }]) => {
      const at = `${path}.columns.${name}`;
      if (role === "relativeChange" && !change)
        return [{ path: `${at}.change`, message: "say of which value and base this is the relative change" }];
      return [
        ...unknown(name, at),
        ...(change
          ? [...unknown(change.value, `${at}.change.value`), ...unknown(change.base, `${at}.change.base`)]
          : []),
      ];
    }),
  ];
}

function cellErrors(table: AuditTable, path: string): FieldError[] {
  return table.rows.flatMap((row, line) =>
    table.columns.flatMap(({ key, role }, position) => {
      const text = row[position] ?? "";
      if (wordRoles.includes(role) || blank.test(text) || readPrinted(text)) return [];
      return [
        {
          path: `${path}.csv`,
          message: `line ${line + 2}, column ${key}: not a number, as a column of role ${role} needs (decimal point, no thousands separators)`,
          value: showValue(text),
        },
      ];
    }),
  );
}

function readTable(given: Given, path: string): Parsed<PastedTable> {
  const parsed = readCsv(given.csv, `${path}.csv`);
  if (!parsed.ok) return parsed;
  const [header = [], ...lines] = parsed.value;
  const errors = headerErrors(given, header, path);
  if (errors.length > 0) return { ok: false, errors };
  const used = header.flatMap((name, position): { column: AuditColumn; position: number }[] => {
    const column = Object.hasOwn(given.columns, name) ? given.columns[name] : undefined;
    return column ? [{ column: { ...column, key: name }, position }] : [];
  });
  if (used.length === 0)
    return { ok: false, errors: [{ path: `${path}.columns`, message: "give at least one column a role" }] };
  const table: AuditTable = {
    name: given.name,
    title: "",
    columns: used.map(({ column }) => column),
    rows: lines.map((line) => used.map(({ position }) => line[position] ?? "")),
  };
  const wrong = cellErrors(table, path);
  if (wrong.length > 0) return { ok: false, errors: wrong.slice(0, maxErrors) };
  if (used.length > maxColumns) {
    const message = `has ${used.length} columns with a role; at most ${maxColumns} are taken`;
    return { ok: false, errors: [{ path: `${path}.columns`, message }] };
  }
  const ignored = header.filter((name) => !Object.hasOwn(given.columns, name));
  return { ok: true, value: { table, ignored: ignored.map((name) => `${given.name}: ${name}`) } };
}

function referenceErrors(tables: readonly AuditTable[], claims: readonly AuditClaim[]): FieldError[] {
  const named = (path: string, what: string, name: string, known: string[]): FieldError => ({
    path,
    message: `there is no such ${what}`,
    value: showValue(name),
    suggestion: didYouMean(name, known),
  });
  const names = tables.map(({ name }) => name);
  return [
    ...names.flatMap((name, index) =>
      names.indexOf(name) === index
        ? []
        : [{ path: `tables.${index}.name`, message: "two tables have this name", value: showValue(name) }],
    ),
    ...tables.flatMap(({ columns }, index) =>
      columns.flatMap(({ key, aggregates, tests }) => {
        const path = `tables.${index}.columns.${key}`;
        const source = tables.find(({ name }) => name === aggregates?.table);
        const keys = source?.columns.map((column) => column.key) ?? [];
        return [
          ...(aggregates && !source
            ? [named(`${path}.aggregates.table`, "table", aggregates.table, names)]
            : []),
          ...(aggregates && source && !keys.includes(aggregates.column)
            ? [named(`${path}.aggregates.column`, "column", aggregates.column, keys)]
            : []),
          ...(tests !== undefined && !names.includes(tests)
            ? [named(`${path}.tests`, "table", tests, names)]
            : []),
        ];
      }),
    ),
    ...claims.flatMap((claim, index) =>
      unknownNames(claim, tables).map(({ what, name, known }) => named(`claims.${index}`, what, name, known)),
    ),
  ];
}

/** Tables from pasted CSV with the roles that were given to its columns, or every field that is wrong. */
export function readAuditRequest({ tables, claims }: AuditRequest): Parsed<{
  tables: AuditTable[];
  claims: AuditClaim[];
  ignoredColumns: string[];
}> {
  const read = tables.map((table, index) => readTable(table, `tables.${index}`));
  const errors = read.flatMap((result) => (result.ok ? [] : result.errors));
  if (errors.length > 0) return { ok: false, errors };
  const pasted = read.flatMap((result) => (result.ok ? [result.value] : []));
  const value = {
    tables: pasted.map(({ table }) => table),
    claims,
    ignoredColumns: pasted.flatMap(({ ignored }) => ignored),
  };
  const wrong = referenceErrors(value.tables, claims);
  return wrong.length > 0 ? { ok: false, errors: wrong } : { ok: true, value };
}
