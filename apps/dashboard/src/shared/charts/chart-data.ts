import { type AnalysisTable, csvLine, decodeNumber } from "@reprise/contracts";

/** The figures behind a chart: shown as a table and written to CSV. */
export type ChartData = {
  columns: readonly string[];
  rows: readonly (readonly (string | number | null)[])[];
};

export function chartCsv(data: ChartData): string {
  return [data.columns, ...data.rows].map(csvLine).join("\r\n");
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
