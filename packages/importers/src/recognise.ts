import type { ForeignFormat, ForeignWarning } from "@reprise/contracts";
import { isEventHead } from "./binary/event-records.js";
import { isStoreHead } from "./binary/log-records.js";
import { headOf, nameOf, type Reading } from "./files/reading.js";
import { openScratch } from "./files/unpacked.js";
import { isHydraConfig } from "./formats/hydra.js";
import { isKerasCsv } from "./formats/keras-csv.js";
import { isLightningCsv } from "./formats/lightning-csv.js";
import { isRunMeta } from "./formats/mlflow-file.js";
import { openClipFolders } from "./formats/open-clip.js";
import { isJournalHead } from "./formats/optuna.js";
import { isSacredRun } from "./formats/sacred.js";
import { isEventFile } from "./formats/tensorboard.js";
import { exportKind } from "./formats/wandb-csv.js";
import { isDatabaseFile, openFound, ownerOf } from "./sqlite/found-databases.js";

/** Files of one kind that are opened before it is said what they are. */
const mostOpened = 40;

const some = (files: readonly string[], is: (file: string) => boolean) => files.slice(0, mostOpened).some(is);
const isSmallName = (file: string, name: string) => nameOf(file) === name;

/** Files that may be a journal or an export: what the names of other formats do not explain. */
const others = /\.(jsonl|log|csv|tsv|txt|journal|db|sqlite|sqlite3|gz)$/i;

/**
 * What programs left the files, by their content, the one that holds most first: a tracker's store before what a framework
 * writes beside it. What could not be opened for that is named.
 */
export async function recognise(
  reading: Reading,
): Promise<{ formats: ForeignFormat[]; unread: ForeignWarning[] }> {
  const unread: ForeignWarning[] = [];
  const { files } = reading;
  const text = (file: string, bytes = 65_536) => headOf(reading, file, bytes).toString("utf8");
  const found: ForeignFormat[] = [];
  const note = (format: ForeignFormat, is: boolean) => {
    if (is && !found.includes(format)) found.push(format);
  };
  const stores = files.filter((file) => file.endsWith(".wandb"));
  note(
    "wandb-offline",
    stores.length > 0 &&
      some(stores, (file) => isStoreHead(headOf(reading, file, 7)) || headOf(reading, file, 1).length === 0),
  );
  note(
    "mlflow-file",
    some(files.filter((file) => isSmallName(file, "meta.yaml")).toReversed(), (file) =>
      isRunMeta(text(file)),
    ),
  );
  const scratch = openScratch();
  try {
    const databases = files
      .filter((file) => !isEventFile(file) && (others.test(file) || !nameOf(file).includes(".")))
      .slice(0, 2000);
    for (const file of databases.filter((path) => isDatabaseFile(reading, path)).slice(0, mostOpened)) {
      const quiet = { ...reading, warnings: unread };
      const database = await openFound(quiet, file, scratch);
      if (database === null) continue;
      const owner = ownerOf(database);
      database.close();
      if (owner !== null) note(owner, true);
    }
  } finally {
    scratch.remove();
  }
  note("optuna-journal", journalsIn(reading).length > 0);
  note("hydra", files.some(isHydraConfig));
  note(
    "tensorboard",
    some(files.filter(isEventFile), (file) => isEventHead(headOf(reading, file, 12))),
  );
  note(
    "sacred",
    some(
      files.filter((file) => isSmallName(file, "run.json")),
      (file) => isSacredRun(text(file)),
    ),
  );
  note(
    "hf-trainer",
    some(
      files.filter((file) => isSmallName(file, "trainer_state.json")),
      (file) => text(file).includes('"log_history"'),
    ),
  );
  note("open-clip", openClipFolders(files).length > 0);
  note(
    "lightning-csv",
    some(files, (file) => isSmallName(file, "metrics.csv") && isLightningCsv(reading, file)),
  );
  const tables = files.filter((file) => others.test(file) && !/\.(gz|db|sqlite3?)$/i.test(file));
  note(
    "wandb-csv",
    some(tables, (file) => exportKind(reading, file) !== null),
  );
  note(
    "keras-csv",
    some(tables, (file) => isKerasCsv(reading, file)),
  );
  return { formats: found, unread };
}

/** Files that are journals of Optuna. */
export const journalsIn = (reading: Reading): string[] =>
  reading.files
    .filter((file) => /\.(log|jsonl|journal|json)$/i.test(file) || !nameOf(file).includes("."))
    .slice(0, 5000)
    .filter((file) => isJournalHead(headOf(reading, file, 512)));
