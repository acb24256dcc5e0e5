import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { expect, onTestFinished, test } from "vitest";
import { parquetRows } from "./read-parquet.js";

const written = () => Buffer.from(parquetWriteBuffer({ columnData: [{ name: "a", data: ["x", "y", "z"] }] }));

async function rowsIn(bytes: Buffer): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), "reprise-parquet-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "rows.parquet");
  await writeFile(path, bytes);
  const rows: string[][] = [];
  for await (const { cells } of parquetRows(path)) rows.push(cells);
  return rows;
}

test("a file that says it has more rows than it holds is refused before any is looked for", async () => {
  const bytes = written();
  expect(await rowsIn(bytes)).toEqual([["a"], ["x"], ["y"], ["z"]]);
  // Of the description its third field, a number written as twice itself, before the list of what holds the rows.
  const at = bytes.lastIndexOf(Buffer.from([0x16, 2 * 3, 0x19]));
  bytes[at + 1] = 2 * 63;
  await expect(rowsIn(bytes)).rejects.toThrow(/rows\.parquet is damaged .* has 63 rows, and holds 3/);
});

test("a file whose rows are damaged is named", async () => {
  const bytes = written();
  bytes.fill(0xff, 4, 24);
  await expect(rowsIn(bytes)).rejects.toThrow(/rows\.parquet is damaged or no Parquet file/);
});
