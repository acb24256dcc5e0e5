import { crc32 } from "node:zlib";
import { chunksOf } from "./chunks.js";

const blockSize = 32_768;
const headSize = 7;

/** What kept records of a file from being read. */
export type Damage = { broken: number; isCut: boolean };

/** Whether a file begins as W&B's store does; its version stands in the last two bytes. */
export const isStoreHead = (head: Buffer) =>
  head.length >= headSize && head.toString("latin1", 0, 4) === ":W&B";

/**
 * Records of W&B's store: LevelDB's log format (https://github.com/google/leveldb/blob/main/doc/log_format.md) behind a head of
 * seven bytes, with a plain CRC-32 over kind and content. A record with a wrong checksum is left out and counted; what a process
 * was writing when the file was copied is cut. `bytes` is valid until the next record is asked for.
 */
export function* storeRecords(path: string, damage: Damage): Generator<Buffer> {
  let parts: Buffer[] = [];
  let isFirst = true;
  for (const chunk of chunksOf(path)) {
    for (let block = 0; block < chunk.length; block += blockSize) {
      const end = Math.min(block + blockSize, chunk.length);
      let at = block;
      if (isFirst) {
        at += headSize;
        isFirst = false;
      }
      while (at + headSize <= end) {
        const length = chunk.readUInt16LE(at + 4);
        const kind = chunk[at + 6] as number;
        if (kind === 0 && length === 0) break;
        const from = at + headSize;
        const to = from + length;
        if (to > end) {
          if (end < block + blockSize) damage.isCut = true;
          else damage.broken += 1;
          break;
        }
        const isWhole = crc32(chunk.subarray(at + 6, to)) === chunk.readUInt32LE(at);
        at = to;
        if (!isWhole || kind < 1 || kind > 4) {
          damage.broken += 1;
          parts = [];
          continue;
        }
        if (kind === 1) yield chunk.subarray(from, to);
        else if (kind === 2) parts = [Buffer.from(chunk.subarray(from, to))];
        else if (parts.length > 0) {
          parts.push(Buffer.from(chunk.subarray(from, to)));
          if (kind === 4) {
            const record = Buffer.concat(parts);
            parts = [];
            yield record;
          }
        }
      }
      if (at < end && end < block + blockSize && at + headSize > end) damage.isCut = true;
    }
  }
  if (parts.length > 0) damage.isCut = true;
}
