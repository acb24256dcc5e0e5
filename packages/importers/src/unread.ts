import type { ForeignFormat } from "@reprise/contracts";
import { headOf, type Reading, warn } from "./files/reading.js";
import { isDatabaseFile } from "./sqlite/found-databases.js";

const databases = /\.(db|sqlite3?|gz)$/i;
/** Names of the files that a format's runs are in, of formats that know their files by what is in them. */
const candidates: Partial<Record<ForeignFormat, RegExp>> = {
  "mlflow-sqlite": databases,
  "optuna-sqlite": databases,
  trackio: databases,
  "optuna-journal": /\.(log|jsonl|journal)$/i,
  "keras-csv": /\.(csv|log)$/i,
  "lightning-csv": /(^|\/)metrics\.csv$/i,
  "wandb-csv": /\.(csv|tsv)$/i,
};
/** Files that are opened once more. */
const most = 5000;

/** Why nothing of a file was read; null where it may be of another program. */
function reasonOf(reading: Reading, file: string, names: RegExp): string | null {
  const head = headOf(reading, file, 512);
  if (head.length === 0) return "is empty: nothing of it was read";
  if (names === databases) {
    return isDatabaseFile(reading, file)
      ? null
      : "is not a SQLite database, or its beginning is damaged: nothing of it was read";
  }
  // Bytes below a tab are in no text.
  return head.some((byte) => byte < 9) ? "holds bytes that are not text: nothing of it was read" : null;
}

/** Names files that should hold runs by their names, and of which a reader could not even say what they are. */
export function nameUnread(reading: Reading, format: ForeignFormat): void {
  const names = candidates[format];
  if (names === undefined) return;
  const named = new Set(reading.warnings.map(({ file }) => file));
  for (const file of reading.files.filter((path) => names.test(path) && !named.has(path)).slice(0, most)) {
    const reason = reasonOf(reading, file, names);
    if (reason !== null) warn(reading, file, reason);
  }
}
