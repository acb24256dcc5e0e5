import type { ForeignTable } from "@reprise/contracts";

const longest = 200_000;

const cellOf = (value: unknown) =>
  typeof value === "string" || typeof value === "boolean"
    ? value
    : typeof value === "number"
      ? Number.isFinite(value)
        ? value
        : String(value)
      : null;

/** A table of columns and rows, or null where what was read is none or is too long. */
export function tableOf(name: string, file: string, columns: unknown, data: unknown): ForeignTable | null {
  if (!Array.isArray(columns) || !Array.isArray(data) || data.length > longest) return null;
  if (!data.every((row) => Array.isArray(row) && row.length === columns.length)) return null;
  return { name, file, columns: columns.map(String), rows: data.map((row: unknown[]) => row.map(cellOf)) };
}
