import {
  type AuditClaim,
  type AuditColumn,
  type AuditReading,
  type AuditReadingRequest,
  type AuditRequest,
  type AuditTable,
  didYouMean,
  type FieldError,
  type Parsed,
  showValue,
} from "@reprise/contracts";
import { unknownNames } from "../claims.js";
import type { Grid } from "./grid.js";
import { guessColumns } from "./headers.js";
import { plainText } from "./markup.js";
import { readGrid } from "./read-grid.js";
import { type ReadTable, readTable, squared } from "./reading.js";

/** More would only repeat the same mistake. */
const maxErrors = 20;

/** A summary table is short; comparing every row with every other one has its price. */
const maxRows = 200;
const maxColumns = 40;

type Given = AuditRequest["tables"][number];
type Choice = { position: number; column: AuditColumn };
type PastedTable = { table: AuditTable; reading: AuditReading; ignored: string[] };

const refused = (path: string, message: string): { ok: false; errors: FieldError[] } => ({
  ok: false,
  errors: [{ path, message }],
});

function columnErrors(
  columns: NonNullable<Given["columns"]>,
  header: readonly string[],
  path: string,
): FieldError[] {
  const unknown = (name: string, at: string): FieldError[] =>
    header.includes(plainText(name))
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
    ...Object.entries(columns).flatMap(([name, { role, change, of }]) => {
      const at = `${path}.columns.${name}`;
      if (of !== undefined) return unknown(of, `${at}.of`);
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

/** Columns with the roles that were given to them, or every one that does not exist. */
function givenColumns(
  columns: NonNullable<Given["columns"]>,
  header: readonly string[],
  path: string,
): Parsed<Choice[]> {
  const errors = columnErrors(columns, header, path);
  if (errors.length > 0) return { ok: false, errors };
  const byHeader = new Map(Object.entries(columns).map(([name, column]) => [plainText(name), column]));
  const used = header.flatMap((name, position): Choice[] => {
    const column = byHeader.get(name);
    return column ? [{ column: { ...column, key: name }, position }] : [];
  });
  if (used.length === 0) return refused(`${path}.columns`, "give at least one column a role");
  if (used.length > maxColumns)
    return refused(
      `${path}.columns`,
      `has ${used.length} columns with a role; at most ${maxColumns} are taken`,
    );
  return { ok: true, value: used };
}

/** Blank headers get a number; the second of two equal ones too, where nobody says which is meant. */
function namedHeader(header: readonly string[], isUnique: boolean): string[] {
  const names = header.map((name, index) => (name === "" ? `column ${index + 1}` : name.slice(0, 100)));
  return isUnique
    ? names.map((name, index) => {
        const before = names.slice(0, index).filter((other) => other === name).length;
        return before === 0 ? name : `${name} (${before + 1})`;
      })
    : names;
}

function guessedColumns({ header, lines }: Grid): Choice[] {
  const guessed = guessColumns(
    header,
    lines.map(({ cells }) => cells),
  );
  return guessed.map((column, position) => ({
    position,
    column: { ...column, label: "", known: "inferred" as const },
  }));
}

/** A derived column keeps the role that somebody gave it. */
function withGivenRoles({ table, ...rest }: ReadTable, columns: Given["columns"]): ReadTable {
  const changed = table.columns.map((column) => {
    const given = column.of === undefined ? undefined : columns?.[column.key];
    return given ? { ...column, role: given.role, unit: given.unit } : column;
  });
  return { table: { ...table, columns: changed }, ...rest };
}

function readOne(given: Given, path: string): Parsed<PastedTable> {
  const parsed = readGrid(given.csv, `${path}.csv`);
  if (!parsed.ok) return parsed;
  const whole = { ...parsed.value, header: namedHeader(parsed.value.header, given.columns === undefined) };
  const { grid, ragged } = squared(whole);
  if (grid.lines.length > maxRows)
    return refused(`${path}.csv`, `has ${grid.lines.length} rows; at most ${maxRows} are taken`);
  if (grid.header.length > maxColumns && given.columns === undefined)
    return refused(`${path}.csv`, `has ${grid.header.length} columns; at most ${maxColumns} are taken`);
  const columns: Parsed<Choice[]> = given.columns
    ? givenColumns(given.columns, grid.header, path)
    : { ok: true, value: guessedColumns(grid) };
  if (!columns.ok) return columns;
  const isGroup =
    grid.header.length > whole.header.length && !columns.value.some(({ position }) => position === 0);
  const choices = isGroup ? [{ position: 0, column: groupColumn }, ...columns.value] : columns.value;
  const read = withGivenRoles(readTable(given.name, grid, choices), given.columns);
  const missed = [...ragged, ...read.notUnderstood];
  const refuses = (given.unreadable ?? (given.columns ? "refuse" : "report")) === "refuse";
  if (refuses && missed.length > 0) {
    const errors = missed.map(({ line, column, text, reason }): FieldError => {
      const role = read.table.columns.find(({ key }) => key === column)?.role;
      const why = reason === "not a number" ? "" : `: ${reason}`;
      return {
        path: `${path}.csv`,
        message:
          role === undefined
            ? `line ${line}: ${reason}`
            : `line ${line}, column ${column}: not a number, as a column of role ${role} needs${why}`,
        value: showValue(text),
      };
    });
    return { ok: false, errors: errors.slice(0, maxErrors) };
  }
  const ignored = given.columns
    ? grid.header.filter((name) => !choices.some(({ column }) => column.key === name))
    : choices.flatMap(({ column }) => (column.role === "other" ? column.key : []));
  return {
    ok: true,
    value: {
      table: read.table,
      ignored: ignored.map((name) => `${given.name}: ${name}`),
      reading: {
        table: given.name,
        format: grid.format,
        rows: grid.lines.length,
        columns: read.table.columns,
        remarks: [
          ...read.remarks,
          ...read.table.columns.flatMap(({ key, role, note }) =>
            given.columns === undefined && role === "other" && note !== ""
              ? [`${key}: left out; ${note}.`]
              : [],
          ),
        ],
        notUnderstood: missed.map(({ row, column, text, reason }) => ({ row, column, text, reason })),
      },
    },
  };
}

const groupColumn: AuditColumn = {
  key: "group",
  label: "",
  role: "identity",
  unit: "none",
  subject: "",
  known: "inferred",
  note: "From lines with a single cell.",
};

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

/** Pasted tables with the roles that were given to their columns, or guessed; or every field that is wrong. */
export function readAuditRequest({ tables, claims }: AuditRequest): Parsed<{
  tables: AuditTable[];
  claims: AuditClaim[];
  ignoredColumns: string[];
  readings: AuditReading[];
}> {
  const read = tables.map((table, index) => readOne(table, `tables.${index}`));
  const errors = read.flatMap((result) => (result.ok ? [] : result.errors));
  if (errors.length > 0) return { ok: false, errors };
  const pasted = read.flatMap((result) => (result.ok ? [result.value] : []));
  const value = {
    tables: pasted.map(({ table }) => table),
    claims,
    ignoredColumns: pasted.flatMap(({ ignored }) => ignored),
    readings: pasted.map(({ reading }) => reading),
  };
  const wrong = referenceErrors(value.tables, claims);
  return wrong.length > 0 ? { ok: false, errors: wrong } : { ok: true, value };
}

/** How a pasted table is read before anybody says what its columns are: guessed roles, remarks, cells not understood. */
export function readPastedTable({ name, csv }: AuditReadingRequest): Parsed<AuditReading> {
  const read = readOne({ name, csv }, "");
  return read.ok
    ? { ok: true, value: read.value.reading }
    : { ok: false, errors: read.errors.map((error) => ({ ...error, path: error.path.replace(/^\./, "") })) };
}
