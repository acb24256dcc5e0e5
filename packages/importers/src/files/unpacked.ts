import { createReadStream, createWriteStream, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
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

/** A stream that fails once more than so many bytes have passed it. */
function bounded(most: number): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length;
      if (passed > most)
        done(
          new Error(
            `unpacks to more than ${Math.round(most / 2 ** 20)} MB, which is not read: unpack it first`,
          ),
        );
      else done(null, chunk);
    },
  });
}

/** Unpacks a gzip file into `target`, up to `most` bytes and half of what is free beside it: zeros shrink to a thousandth. */
export async function gunzip(source: string, target: string, most: number): Promise<void> {
  const { bavail, bsize } = statfsSync(dirname(target));
  const free = Math.floor((bavail * bsize) / 2);
  await pipeline(
    createReadStream(source),
    createGunzip(),
    bounded(Math.min(most, free)),
    createWriteStream(target),
  );
}
