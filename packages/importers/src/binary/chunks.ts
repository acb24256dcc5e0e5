import { closeSync, openSync, readSync } from "node:fs";

const chunkSize = 1 << 20;

/** A file's bytes in pieces of 1 MiB (the last is shorter); each piece is valid until the next is asked for. */
export function* chunksOf(path: string): Generator<Buffer> {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.allocUnsafe(chunkSize);
    for (;;) {
      let filled = 0;
      while (filled < chunkSize) {
        const read = readSync(file, bytes, filled, chunkSize - filled, null);
        if (read === 0) break;
        filled += read;
      }
      if (filled > 0) yield bytes.subarray(0, filled);
      if (filled < chunkSize) return;
    }
  } finally {
    closeSync(file);
  }
}
