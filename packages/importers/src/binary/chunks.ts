import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const mostBytes = 1 << 20;
/** What a piece's size is a multiple of: the blocks of W&B's store. */
const unit = 1 << 15;

/** A file's bytes in pieces of 1 MiB (the last is shorter, a small file is one); each piece is valid until the next is asked for. */
export function* chunksOf(path: string): Generator<Buffer> {
  const file = openSync(path, "r");
  try {
    // One byte more than the file has, so that its end is met within the piece.
    const chunkSize = Math.min(mostBytes, unit * Math.ceil((fstatSync(file).size + 1) / unit));
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
