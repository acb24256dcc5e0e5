import { type ForeignFormat, type ForeignRuns, foreignFormats } from "@reprise/contracts";
import {
  isNoFilesFault,
  type Limits,
  openReading,
  type Reading,
  UnreadableSource,
  usualLimits,
} from "./files/reading.js";
import { openScratch, type Scratch } from "./files/unpacked.js";
import type { Found } from "./formats/found.js";
import { readHfTrainer } from "./formats/hf-trainer.js";
import { readHydra } from "./formats/hydra.js";
import { readKerasCsv } from "./formats/keras-csv.js";
import { readLightningCsv } from "./formats/lightning-csv.js";
import { readMlflowFile } from "./formats/mlflow-file.js";
import { readMlflowSqlite } from "./formats/mlflow-sqlite.js";
import { readOpenClip } from "./formats/open-clip.js";
import { readOptunaJournal, readOptunaSqlite } from "./formats/optuna.js";
import { readSacred } from "./formats/sacred.js";
import { readTensorboard } from "./formats/tensorboard.js";
import { readTrackio } from "./formats/trackio.js";
import { readWandbCsv } from "./formats/wandb-csv.js";
import { readWandbOffline } from "./formats/wandb-offline.js";
import { journalsIn, recognise } from "./recognise.js";
import { nameUnread } from "./unread.js";

/** One reader a format. */
const readers: Readonly<
  Record<ForeignFormat, (reading: Reading, scratch: Scratch) => Found | Promise<Found>>
> = {
  "mlflow-file": readMlflowFile,
  "mlflow-sqlite": readMlflowSqlite,
  "wandb-offline": readWandbOffline,
  "wandb-csv": readWandbCsv,
  tensorboard: readTensorboard,
  "lightning-csv": readLightningCsv,
  "hf-trainer": readHfTrainer,
  "keras-csv": readKerasCsv,
  "optuna-sqlite": readOptunaSqlite,
  "optuna-journal": (reading) => readOptunaJournal(reading, journalsIn(reading)),
  trackio: readTrackio,
  sacred: readSacred,
  hydra: readHydra,
  "open-clip": readOpenClip,
};

export type ReadOptions = {
  /** The format, where it is not to be recognised. */
  as?: ForeignFormat | undefined;
  limits?: Partial<Limits>;
};

/** What files that nobody foresaw throw at their reader is said of them; what they are not to blame for is thrown on. */
async function readBy(
  format: ForeignFormat,
  reading: Reading,
  scratch: Scratch,
  wayOut: string,
): Promise<Found> {
  try {
    return await readers[format](reading, scratch);
  } catch (error) {
    if (error instanceof UnreadableSource || isNoFilesFault(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnreadableSource(
      `${reading.name}: its files cannot be read as those of ${format} (${reason}). ${wayOut}`,
      { cause: error },
    );
  }
}

/** What to do where the files of a format cannot be read. */
function wayOutOf(as: ForeignFormat | undefined, others: readonly ForeignFormat[]): string {
  if (as !== undefined)
    return `They were read as ${as} because \`--as\` says so; without it the format is recognised.`;
  const other = others.map((format) => ` \`--as ${format}\` reads those of ${format} instead.`);
  return `Leave out the damaged ones.${other.join("")}`;
}

/**
 * Reads the runs that another program left in a folder or file. Nothing is executed, fetched or changed: no pickle is opened and no
 * object of a program is built. What could not be read is named with file and reason in `warnings`.
 * @throws UnreadableSource when there is no such path, or nothing in it is of a known format.
 */
export async function readForeignRuns(path: string, { as, limits }: ReadOptions = {}): Promise<ForeignRuns> {
  const reading = openReading(path, { ...usualLimits, ...limits });
  const { formats, unread } = as === undefined ? await recognise(reading) : { formats: [as], unread: [] };
  const [format, ...others] = formats;
  if (format === undefined) {
    const damaged = unread.slice(0, 3).map(({ file, reason }) => ` ${file} ${reason}.`);
    if (damaged.length > 0)
      throw new UnreadableSource(`${path}: no runs of it could be read.${damaged.join("")}`);
    throw new UnreadableSource(
      `${path}: nothing in it is of a known format (${foreignFormats.join(", ")}). \`--as FORMAT\` says which it is.`,
    );
  }
  const scratch = openScratch();
  try {
    const {
      runs,
      setAside = [],
      tagsAre = "tags",
    } = await readBy(format, reading, scratch, wayOutOf(as, others));
    nameUnread(reading, format);
    for (const file of reading.files.filter((path) => /\.(zip|tar|tgz|tar\.gz|7z|rar)$/i.test(path))) {
      reading.warnings.push({
        file,
        reason: "is an archive, which is not opened: unpack it to have what is in it read",
      });
    }
    for (const other of others) {
      reading.warnings.push({
        file: ".",
        reason: `also holds files of ${other}: \`--as ${other}\` reads those instead`,
      });
    }
    return { format, runs, tagsAre, setAside, warnings: reading.warnings };
  } finally {
    scratch.remove();
  }
}
