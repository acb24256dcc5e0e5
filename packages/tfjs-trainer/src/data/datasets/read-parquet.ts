import { userError } from "../../program/errors.js";
import type { CsvRow } from "./read-csv.js";

/** Rows that are read at a time. */
const stretch = 10_000;

/** The library and a file it can read in pieces. */
async function openParquet(path: string) {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import(
    "hyparquet"
  );
  const { compressors } = await import("hyparquet-compressors");
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
    const count = Number(metadata.num_rows);
    const held = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
    // Rows that are nowhere would be asked for one stretch after another.
    if (held !== count) throw new Error(`it says that it has ${count} rows, and holds ${held}`);
    const rows = (wanted: string[], rowStart: number, rowEnd: number) =>
      parquetReadObjects({ file, metadata, compressors, columns: wanted, rowStart, rowEnd }).catch(
        (error: unknown) => {
          throw damaged(path, error);
        },
      );
    return { columns, count, rows };
  } catch (error) {
    throw damaged(path, error);
  }
}

function damaged(path: string, error: unknown) {
  const reason = error instanceof Error ? error.message : String(error);
  return userError(`${path} is damaged or no Parquet file: ${reason}.`, "Write it again, or use CSV.");
}

export const parquetHeader = async (path: string) => (await openParquet(path)).columns;

/**
 * Header and rows of a Parquet file, cells as text, a stretch of rows at a time. With `wanted`, only these columns are read;
 * the cells of others are empty. A row's line is its number, from 1.
 */
export async function* parquetRows(path: string, wanted?: readonly string[]): AsyncGenerator<CsvRow> {
  const { columns, count, rows } = await openParquet(path);
  yield { cells: columns, line: 0 };
  const read = columns.filter((column) => wanted?.includes(column) ?? true);
  for (let from = 0; from < count; from += stretch) {
    for (const [i, row] of (await rows(read, from, Math.min(count, from + stretch))).entries())
      yield { cells: columns.map((column) => textOf(row[column])), line: from + i + 1 };
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "1" : "0";
  return String(value);
}
