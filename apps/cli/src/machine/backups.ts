import { existsSync, mkdirSync } from "node:fs";
import { relative } from "node:path";
import { artifactStore, dumpDatabase, loadDatabase, RestoreRefusedError } from "@reprise/database";
import { counted } from "../counted.js";
import { unwritable } from "../file-error.js";
import { UserError } from "../user-error.js";
import { type BackupManifest, openBackup, writeBackup } from "./backup-archive.js";
import { emptyDatabase, reachDatabase } from "./backup-database.js";

function contentLine({ tables, files }: BackupManifest): string {
  const rows = (name: string) => tables.find((table) => table.name === name)?.rows ?? 0;
  const studies = rows("sweeps");
  return `${studies} ${studies === 1 ? "study" : "studies"}, ${counted(rows("runs"), "run")}, ${counted(files.length, "file")}`;
}

/**
 * Writes all of a server into a file, as it is at one moment; the server may run meanwhile.
 *
 * @returns whether all files of runs were where they should be
 * @throws {UserError} where there is no database, or the file exists or cannot be written
 */
export async function backUp(file: string, dataDirectory: string): Promise<boolean> {
  if (existsSync(file)) throw new UserError(`${file} exists already. Name another file.`);
  const database = await reachDatabase(dataDirectory);
  try {
    const store = artifactStore(dataDirectory);
    const { missing, ...manifest } = await dumpDatabase(database.url, (dump) =>
      writeBackup(file, dump, store),
    ).catch((error: unknown) => {
      throw unwritable(file, error);
    });
    console.log(
      `${file}: ${contentLine({ ...manifest, missing })}. Keep it as safe as the server: it holds secrets.`,
    );
    for (const one of missing) console.log(`missing: ${one}`);
    return missing.length === 0;
  } finally {
    await database.close();
  }
}

/**
 * Reads a backup back into an empty data directory or database, whole or not at all.
 *
 * @throws {UserError} where the backup is not what was written, or the place is in use
 */
export async function restore(file: string, dataDirectory: string): Promise<void> {
  const backup = await openBackup(file);
  try {
    mkdirSync(dataDirectory, { recursive: true });
    const database = await emptyDatabase(dataDirectory);
    try {
      await loadDatabase(database.url, backup.manifest, backup, artifactStore(dataDirectory));
    } catch (error) {
      throw error instanceof RestoreRefusedError ? new UserError(error.message) : error;
    } finally {
      await database.close();
    }
    const { createdAt, release } = backup.manifest;
    const where = process.env.DATABASE_URL ? "the database of DATABASE_URL" : relative(".", dataDirectory);
    console.log(
      `${contentLine(backup.manifest)} are back in ${where}, as they were on ${createdAt.slice(0, 10)} under Reprise ${release}.`,
    );
  } finally {
    backup.close();
  }
}
