import type { AuditColumn, AuditReading, AuditRequest, ColumnRole, columnUnits } from "@reprise/contracts";

type Unit = (typeof columnUnits)[number];

export type ColumnChoice = {
  key: string;
  role: ColumnRole;
  unit: Unit;
  subject: string;
  /** Columns that a relative change was computed from; "" where none was named. */
  value: string;
  base: string;
  /** The column in whose cells this one stands, behind ± or in brackets. */
  of: string | undefined;
};

/** Made up, with two mistakes to be found: a wrong sign, and an SD that the range does not allow. */
export const example = `configuration,n,det,mean,delta %,sd,range
A,10,92.10,92.40,-0.325,0.21,0.66
B,10,93.00,92.80,-0.216,0.18,0.55
C,10,91.50,91.35,0.164,0.95,0.60
`;

const choiceOf = ({ key, role, unit, subject, change, of }: AuditColumn): ColumnChoice => ({
  ...{ key, role, unit, subject, of },
  value: change?.value ?? "",
  base: change?.base ?? "",
});

/** What the columns of a pasted table seem to be to the server, with what somebody has chosen instead. */
export function columnChoices(
  reading: AuditReading | undefined,
  changes: Readonly<Record<string, Partial<ColumnChoice>>>,
): ColumnChoice[] {
  return (reading?.columns ?? []).map((column) => ({ ...choiceOf(column), ...changes[column.key] }));
}

type Column = Pick<AuditColumn, "role" | "unit" | "subject"> & Partial<Pick<AuditColumn, "change" | "of">>;

/**
 * The body of an audit: columns left out are ignored by the server, but those that stand in the cells of others must be named
 * to be left out. Cells that are not understood are reported, and the rest is checked.
 */
export function requestOf(
  name: string,
  csv: string,
  columns: readonly ColumnChoice[],
): {
  tables: { name: string; csv: string; unreadable: "report"; columns: Record<string, Column> }[];
  claims: AuditRequest["claims"];
} {
  const chosen = columns.filter(({ role, of }) => role !== "other" || of !== undefined);
  return {
    tables: [
      {
        name: name.trim() || "Table",
        csv,
        unreadable: "report",
        columns: Object.fromEntries(
          chosen.map(({ key, role, unit, subject, value, base, of }): [string, Column] => [
            key,
            {
              ...{ role, unit, subject },
              ...(of === undefined ? {} : { of }),
              ...(role === "relativeChange" && value !== "" && base !== ""
                ? { change: { value, base } }
                : {}),
            },
          ]),
        ),
      },
    ],
    claims: [],
  };
}
