import { createWriteStream, lstatSync, readdirSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type ForeignWarning, importLimits } from "@reprise/contracts";
import { isDiskFull } from "@reprise/database";
import { type Entry, openPromise } from "yauzl";
import { safeParts } from "./safe-parts.js";

/** A file may shrink by this, and no more: text of repeated lines does by less. */
const greatestRatio = 1_000;
/** Below it a ratio says nothing. */
const harmlessBytes = 64 * 1024 ** 2;
/** What all files of an archive may unpack to: entries may say that they are one and the same bytes, or be many that each are harmless. */
const greatestTotalRatio = 100;
/** Files, and folders that are entries of their own: what is read of an archive before anything is unpacked. */
const mostEntries = 2 * importLimits.files;

class TooMuch extends Error {}

/** Mode bits of a symbolic link, in the upper half of the external attributes that Unix programs write. */
const isLink = ({ externalFileAttributes }: Entry) =>
  ((externalFileAttributes >>> 16) & 0o170000) === 0o120000;

function refusalOf(entry: Entry): string | null {
  if (isLink(entry)) return "is a symbolic link";
  if (/\.zip$/i.test(entry.fileName)) return "is a zip within a zip, which is not opened";
  const { compressedSize, uncompressedSize } = entry;
  if (uncompressedSize > harmlessBytes && uncompressedSize > greatestRatio * compressedSize)
    return "unpacks to more than a thousand times its size";
  try {
    safeParts(entry.fileName);
    return null;
  } catch {
    return "leads out of the folder";
  }
}

/** Unpacks one archive beside itself. What is refused is named; what is read is counted as it comes, whatever the archive says. */
async function unpack(
  file: string,
  folder: string,
  room: { bytes: number; files: number; entries: number },
): Promise<ForeignWarning[]> {
  const warnings: ForeignWarning[] = [];
  const most = Math.min(room.bytes, Math.max(harmlessBytes, greatestTotalRatio * lstatSync(file).size));
  let left = most;
  const zip = await openPromise(file, { autoClose: false, lazyEntries: true, strictFileNames: false });
  try {
    room.entries -= zip.entryCount;
    if (room.entries < 0)
      throw new TooMuch(`has ${zip.entryCount} entries; up to ${mostEntries} of all archives are read`);
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith("/")) continue;
      room.files -= 1;
      if (room.files < 0) throw new TooMuch(`holds more than ${importLimits.files} files`);
      const refusal = refusalOf(entry);
      if (refusal !== null) {
        warnings.push({ file: entry.fileName, reason: `${refusal}; it was left out` });
        continue;
      }
      const target = join(folder, ...safeParts(entry.fileName));
      const counted = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          room.bytes -= chunk.length;
          left -= chunk.length;
          if (left < 0)
            done(
              new TooMuch(
                `unpacks to more than ${Math.floor(most / 1024 ** 2)} MiB, which is not read: send its files one by one, or run \`reprise import\` where they are`,
              ),
            );
          else done(null, chunk);
        },
      });
      try {
        await mkdir(dirname(target), { recursive: true });
        await pipeline(await zip.openReadStreamPromise(entry), counted, createWriteStream(target));
      } catch (error) {
        if (error instanceof TooMuch || isDiskFull(error)) throw error;
        const { code = "", message } = error as NodeJS.ErrnoException;
        const isTaken = /^(EEXIST|EISDIR|ENOTDIR)$/.test(code);
        if (!isTaken) rmSync(target, { force: true });
        const reason = isTaken
          ? "has the name of a folder, or lies in one that is a file"
          : `cannot be unpacked (${message})`;
        warnings.push({ file: entry.fileName, reason: `${reason}; it was left out` });
      }
    }
  } finally {
    zip.close();
  }
  return warnings;
}

/**
 * Unpacks the zips that were uploaded, in place, so that readers find folders. An archive that cannot be read is named and left out.
 */
export async function unpackZips(folder: string): Promise<ForeignWarning[]> {
  const warnings: ForeignWarning[] = [];
  const room = { bytes: importLimits.totalBytes, files: importLimits.files, entries: mostEntries };
  const zips = readdirSync(folder).filter(
    (name) => /\.zip$/i.test(name) && lstatSync(join(folder, name)).isFile(),
  );
  for (const name of zips) {
    const target =
      zips.length === 1 && readdirSync(folder).length === 1
        ? folder
        : join(folder, name.replace(/\.zip$/i, ""));
    try {
      warnings.push(...(await unpack(join(folder, name), target, room)));
    } catch (error) {
      if (isDiskFull(error)) throw error;
      warnings.push({ file: name, reason: error instanceof Error ? error.message : String(error) });
    }
    rmSync(join(folder, name), { force: true });
  }
  return warnings;
}
