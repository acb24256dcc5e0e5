import { type AnalysisTable, decodeNumber } from "@reprise/contracts";

/** The figures behind a chart: shown as a table and written to CSV. */
export type ChartData = {
  columns: readonly string[];
  rows: readonly (readonly (string | number | null)[])[];
};

function csvCell(value: string | number | null): string {
  if (value === null) return "";
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180, full precision. */
export function chartCsv(data: ChartData): string {
  return [data.columns, ...data.rows].map((row) => row.map(csvCell).join(",")).join("\r\n");
}

/** An analysis table as chart data. */
export function fromAnalysisTable(table: AnalysisTable): ChartData {
  return {
    columns: table.columns.map((column) => (column.unit ? `${column.label} (${column.unit})` : column.label)),
    rows: table.rows.map((row) =>
      table.columns.map(({ key }) => {
        const value = row[key] ?? null;
        if (typeof value === "boolean") return value ? "yes" : "no";
        if (value === "NaN" || value === "Infinity" || value === "-Infinity") return decodeNumber(value);
        return value;
      }),
    ),
  };
}
