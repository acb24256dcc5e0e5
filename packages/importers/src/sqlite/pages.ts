import { closeSync, fstatSync, lstatSync, openSync, readSync } from "node:fs";

const blockSize = 1 << 20;
const keptBlocks = 24;
const magic = "SQLite format 3\0";

export class DatabaseDamage extends Error {}

/** Pages of a database file, read where they are asked for; memory does not grow with the file. */
export type Pages = {
  pageSize: number;
  /** Bytes of a page that hold content. */
  usable: number;
  count: number;
  encoding: "utf8" | "utf16le";
  /** Page by number, from 1. The buffer is valid until the next call or two: copy what must last. */
  page: (number: number) => Buffer;
  close: () => void;
};

/** Whether these first bytes of a file are those of a SQLite database. */
export const isDatabaseHead = (head: Buffer) => head.subarray(0, 16).toString("latin1") === magic;

/**
 * Where the newest committed copy of each page stands in a write-ahead log: what a program that was not closed in order left
 * beside the database (https://www.sqlite.org/fileformat2.html#walformat).
 */
function committedFrames(path: string, pageSize: number): Map<number, number> {
  const committed = new Map<number, number>();
  // A pipe would be waited for, and a link may lead anywhere.
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return committed;
  const file = openSync(path, "r");
  try {
    const size = fstatSync(file).size;
    const header = Buffer.alloc(32);
    if (size < 32 || readSync(file, header, 0, 32, 0) < 32) return committed;
    if ((header.readUInt32BE(0) & ~1) !== 0x377f0682 || header.readUInt32BE(8) !== pageSize) return committed;
    const salts = header.subarray(16, 24);
    const frame = Buffer.alloc(24);
    let open = new Map<number, number>();
    for (let at = 32; at + 24 + pageSize <= size; at += 24 + pageSize) {
      readSync(file, frame, 0, 24, at);
      if (!frame.subarray(8, 16).equals(salts)) break;
      open.set(frame.readUInt32BE(0), at + 24);
      if (frame.readUInt32BE(4) === 0) continue;
      for (const [page, place] of open) committed.set(page, place);
      open = new Map();
    }
    return committed;
  } finally {
    closeSync(file);
  }
}

/**
 * Opens a SQLite file for reading (https://www.sqlite.org/fileformat2.html), with its write-ahead log where there is one.
 * @throws DatabaseDamage when the file is no database, or shorter than its header.
 */
export function openPages(path: string): Pages {
  const file = openSync(path, "r");
  const size = fstatSync(file).size;
  const header = Buffer.alloc(100);
  readSync(file, header, 0, 100, 0);
  const fail = (reason: string): never => {
    closeSync(file);
    throw new DatabaseDamage(reason);
  };
  if (size < 512 || !isDatabaseHead(header)) fail("is not a SQLite database");
  const given = header.readUInt16BE(16);
  const pageSize = given === 1 ? 65536 : given;
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) fail(`names a page size of ${given} bytes`);
  const frames = committedFrames(`${path}-wal`, pageSize);
  const log = frames.size > 0 ? openSync(`${path}-wal`, "r") : null;
  const blocks = new Map<number, Buffer>();
  const single = [
    Buffer.alloc(pageSize),
    Buffer.alloc(pageSize),
    Buffer.alloc(pageSize),
    Buffer.alloc(pageSize),
  ];
  let turn = 0;

  const block = (index: number): Buffer => {
    const known = blocks.get(index);
    if (known !== undefined) return known;
    let bytes: Buffer | undefined;
    if (blocks.size >= keptBlocks) {
      const [oldest] = blocks.keys();
      if (oldest !== undefined) {
        bytes = blocks.get(oldest);
        blocks.delete(oldest);
      }
    }
    if (bytes === undefined || bytes.length !== blockSize) bytes = Buffer.allocUnsafe(blockSize);
    const read = readSync(file, bytes, 0, blockSize, index * blockSize);
    const filled = read === blockSize ? bytes : Buffer.from(bytes.subarray(0, read));
    blocks.set(index, filled);
    return filled;
  };
  const page = (number: number): Buffer => {
    const frame = frames.get(number);
    if (frame !== undefined && log !== null) {
      turn = (turn + 1) % single.length;
      const bytes = single[turn] as Buffer;
      readSync(log, bytes, 0, pageSize, frame);
      return bytes;
    }
    const start = (number - 1) * pageSize;
    if (number < 1 || start + pageSize > size) {
      throw new DatabaseDamage(
        `ends before page ${number}: the file was cut off, or copied while it was written`,
      );
    }
    const within = start % blockSize;
    return block((start - within) / blockSize).subarray(within, within + pageSize);
  };
  const encoding = header.readUInt32BE(56) === 2 ? "utf16le" : "utf8";
  if (header.readUInt32BE(56) === 3)
    fail("holds texts in UTF-16 with the high byte first, which is not read");
  return {
    pageSize,
    usable: pageSize - (header[20] ?? 0),
    // The log may hold pages that the file has not yet.
    count: Math.floor(size / pageSize) + frames.size,
    encoding,
    page,
    close: () => {
      closeSync(file);
      if (log !== null) closeSync(log);
    },
  };
}
