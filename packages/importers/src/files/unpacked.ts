import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
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

/** Bytes that may come out of one packed file. */
const mostUnpacked = 8 * 2 ** 30;

/** A stream that fails once more than so many bytes have passed it. */
function bounded(most: number): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length;
      if (passed > most) done(new Error(`unpacks to more than ${Math.round(most / 2 ** 30)} GB`));
      else done(null, chunk);
    },
  });
}

/** Unpacks a gzip file into `target`. */
export async function gunzip(source: string, target: string, most = mostUnpacked): Promise<void> {
  await pipeline(createReadStream(source), createGunzip(), bounded(most), createWriteStream(target));
}
