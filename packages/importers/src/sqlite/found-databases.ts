import { join } from "node:path";
import { constants, gunzipSync } from "node:zlib";
import { headOf, isNoFilesFault, nameOf, pathIn, type Reading, warn } from "../files/reading.js";
import { gunzip, type Scratch } from "../files/unpacked.js";
import { type Database, openDatabase } from "./database.js";
import { isDatabaseHead } from "./pages.js";

/** Programs that keep runs in a SQLite file, by the tables that only theirs have. */
const owners = {
  "mlflow-sqlite": ["runs", "metrics", "params", "experiments"],
  "optuna-sqlite": ["trials", "studies", "trial_params"],
  trackio: ["metrics", "configs"],
} as const;
export type DatabaseFormat = keyof typeof owners;

const isGzip = (head: Buffer) => head[0] === 0x1f && head[1] === 0x8b;

/** Whether a file is a SQLite database, or a packed one. */
export function isDatabaseFile(reading: Reading, file: string): boolean {
  const head = headOf(reading, file, 4096);
  if (isDatabaseHead(head)) return true;
  if (!isGzip(head)) return false;
  try {
    return isDatabaseHead(gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, 16));
  } catch {
    return false;
  }
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Opens a database file, unpacked where it is packed; null, with a warning, for one that cannot be opened. */
export async function openFound(reading: Reading, file: string, scratch: Scratch): Promise<Database | null> {
  const isPacked = isGzip(headOf(reading, file, 2));
  const folder = isPacked ? scratch.folder() : "";
  try {
    if (!isPacked) return openDatabase(pathIn(reading, file));
    const target = join(folder, `${nameOf(file)}.db`);
    await gunzip(pathIn(reading, file), target, reading.limits.unpackedBytes);
    return openDatabase(target);
  } catch (error) {
    if (isNoFilesFault(error)) throw error;
    warn(reading, file, reasonOf(error));
    return null;
  }
}

/** Whose runs a database holds; null for none that is known. */
export const ownerOf = ({ tables }: Pick<Database, "tables">): DatabaseFormat | null =>
  (Object.keys(owners) as DatabaseFormat[]).find((format) =>
    owners[format].every((table) => tables.has(table)),
  ) ?? null;

/** Reads every database of one program; what of it could not be read stands in the warnings. */
export async function eachDatabase(
  reading: Reading,
  format: DatabaseFormat,
  scratch: Scratch,
  read: (database: Database, file: string) => void,
): Promise<void> {
  for (const file of reading.files.filter((path) => isDatabaseFile(reading, path))) {
    const database = await openFound(reading, file, scratch);
    if (database === null) continue;
    try {
      if (ownerOf(database) === format) read(database, file);
      else if (format !== "trackio" || ownerOf(database) === null)
        warn(reading, file, `is a database without the tables of ${format}: ${owners[format].join(", ")}`);
    } finally {
      database.close();
    }
  }
}

/** Reads a table as far as it goes; damage stands in the warnings and ends the table, not the reading. */
export function scanWhole(
  reading: Reading,
  file: string,
  database: Database,
  table: string,
  columns: readonly string[],
  visit: Parameters<Database["scan"]>[2],
): void {
  if (!database.tables.has(table)) return;
  try {
    database.scan(table, columns, visit);
  } catch (error) {
    if (error instanceof Error && !isNoFilesFault(error))
      warn(reading, file, `table ${table}: ${error.message}; rows before that were read`);
    else throw error;
  }
}
