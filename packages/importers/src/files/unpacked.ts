import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

/** A folder of this process's own that is removed when the reading has ended. */
export type Scratch = { folder: () => string; remove: () => void };

export function openScratch(): Scratch {
  let made: string | null = null;
  return {
    folder: () => {
      made ??= mkdtempSync(join(tmpdir(), "reprise-import-"));
      return made;
    },
    remove: () => {
      if (made !== null) rmSync(made, { recursive: true, force: true });
      made = null;
    },
  };
}

/** Bytes that may come out of one packed file, and how often its own size: tables of numbers shrink to a tenth. */
const mostUnpacked = 8 * 2 ** 30;
const greatestRatio = 100;
/** Below it a ratio says nothing. */
const harmlessBytes = 64 * 2 ** 20;

/** A stream that fails once more than so many bytes have passed it. */
function bounded(most: number): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length;
      if (passed > most)
        done(new Error(`unpacks to more than ${Math.round(most / 2 ** 20)} MB, which is not read`));
      else done(null, chunk);
    },
  });
}

/** Unpacks a gzip file into `target`. */
export async function gunzip(source: string, target: string): Promise<void> {
  const { size } = statSync(source);
  const most = Math.min(mostUnpacked, Math.max(harmlessBytes, greatestRatio * size));
  await pipeline(createReadStream(source), createGunzip(), bounded(most), createWriteStream(target));
}
