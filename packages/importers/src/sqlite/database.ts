import { sameBytes } from "../binary/same-bytes.js";
import { type Column, columnsOf } from "./columns.js";
import { DatabaseDamage, openPages, type Pages } from "./pages.js";

export type Cell = string | number | bigint | Buffer | null;

export type Database = {
  /** Names of the tables, in the order of their making. */
  tables: ReadonlySet<string>;
  columns: (table: string) => string[];
  /** Calls `visit` for every row in the order of row numbers; `cells` is used again for the next row. */
  scan: (table: string, columns: readonly string[], visit: (cells: readonly Cell[]) => void) => void;
  close: () => void;
};

type Table = { root: number; sql: string };

const deepest = 40;
/** Bytes of one row, tables of a database, and characters by which a table is made: no tracker's come near. */
const longestRow = 256 * 2 ** 20;
const mostTables = 10_000;
const longestSql = 20_000;
/** Texts up to this length are looked up by their bytes: keys and identities come in millions. */
const longestKept = 64;

type KeptText = { bytes: Buffer; text: string };

/** Reads texts of one column; equal short ones are one text. */
function internedTexts(encoding: "utf8" | "utf16le") {
  const known = new Map<number, KeptText>();
  let last: KeptText = { bytes: Buffer.alloc(0), text: "" };
  return (bytes: Buffer, at: number, length: number): string => {
    if (length > longestKept) return bytes.toString(encoding, at, at + length);
    if (last.bytes.length === length && sameBytes(last.bytes, bytes, at)) return last.text;
    let hash = length;
    for (let index = at; index < at + length; index += 1)
      hash = (Math.imul(hash, 31) + (bytes[index] as number)) | 0;
    const entry = known.get(hash);
    if (entry !== undefined && entry.bytes.length === length && sameBytes(entry.bytes, bytes, at)) {
      last = entry;
      return entry.text;
    }
    const text = bytes.toString(encoding, at, at + length);
    const kept = { bytes: Buffer.from(bytes.subarray(at, at + length)), text };
    if (entry === undefined && known.size < 100_000) {
      known.set(hash, kept);
      last = kept;
    }
    return text;
  };
}

/** Where the last variable-length integer ended: rows come in millions, and a pair a number would be as many objects. */
let varintEnd = 0;

/** A variable-length integer, up to 2^53. */
function varintAt(bytes: Buffer, at: number): number {
  const first = bytes[at] as number;
  if (first < 128) {
    varintEnd = at + 1;
    return first;
  }
  let value = first & 127;
  for (let index = 1; index < 8; index += 1) {
    const byte = bytes[at + index] ?? 0;
    value = value * 128 + (byte & 127);
    if (byte < 128) {
      varintEnd = at + index + 1;
      return value;
    }
  }
  varintEnd = at + 9;
  return value * 256 + (bytes[at + 8] ?? 0);
}

const fixedSizes = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0];
const sizeOfSerial = (serial: number) =>
  serial >= 12 ? (serial - 12 - (serial & 1)) >> 1 : (fixedSizes[serial] as number);

function integerAt(bytes: Buffer, at: number, size: number): number | bigint {
  if (size === 1) return bytes.readInt8(at);
  if (size <= 6) return bytes.readIntBE(at, size);
  const value = bytes.readBigInt64BE(at);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A record of a table's tree: the bytes from `at`, and the row's number. */
type VisitRecord = (bytes: Buffer, at: number, rowId: number) => void;

/** Bytes of a row that stand in its own page. */
function localOf({ usable }: Pages, payload: number): number {
  if (payload <= usable - 35) return payload;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const whole = least + ((payload - least) % (usable - 4));
  return whole <= usable - 35 ? whole : least;
}

/** A row's bytes that do not fit its page, gathered from the pages that go on with it. */
function gathered(pages: Pages, page: Buffer, at: number, payload: number, seen: Set<number>): Buffer {
  const { usable } = pages;
  if (payload > longestRow)
    throw new DatabaseDamage(`has a row of ${payload} bytes; up to ${longestRow} are read`);
  const held = pages.count * usable;
  if (payload > held)
    throw new DatabaseDamage(`has a row of ${payload} bytes, more than the ${held} of the whole file`);
  const local = localOf(pages, payload);
  const bytes = Buffer.allocUnsafe(payload);
  page.copy(bytes, 0, at, at + local);
  let filled = local;
  let next = page.readUInt32BE(at + local);
  while (filled < payload) {
    if (next === 0) throw new DatabaseDamage("has a row whose continuation is missing");
    if (seen.has(next)) throw new DatabaseDamage("has rows that continue in one and the same page");
    seen.add(next);
    const more = pages.page(next);
    next = more.readUInt32BE(0);
    filled += more.copy(bytes, filled, 4, Math.min(usable, 4 + payload - filled));
  }
  return bytes;
}

/** Every record of a table, by its tree of pages: each page has one place in it, or continues one row. */
function eachRecord(
  pages: Pages,
  number: number,
  visit: VisitRecord,
  depth = 0,
  seen: Set<number> = new Set(),
): void {
  if (depth > deepest || seen.has(number)) throw new DatabaseDamage("has pages that lead back to each other");
  seen.add(number);
  const page = pages.page(number);
  const head = number === 1 ? 100 : 0;
  const kind = page[head];
  const cells = page.readUInt16BE(head + 3);
  if (kind === 5) {
    const children: number[] = [];
    for (let index = 0; index < cells; index += 1)
      children.push(page.readUInt32BE(page.readUInt16BE(head + 12 + 2 * index)));
    children.push(page.readUInt32BE(head + 8));
    for (const child of children) eachRecord(pages, child, visit, depth + 1, seen);
    return;
  }
  if (kind !== 13) throw new DatabaseDamage(`has a page ${number} of no known kind`);
  // The page's bytes may be overwritten while a row's continuation is fetched: a copy is read.
  const leaf = Buffer.from(page);
  let taken = 0;
  for (let index = 0; index < cells; index += 1) {
    const payload = varintAt(leaf, leaf.readUInt16BE(head + 8 + 2 * index));
    const rowId = varintAt(leaf, varintEnd);
    const at = varintEnd;
    taken += localOf(pages, payload);
    if (taken > pages.usable) throw new DatabaseDamage(`has a page ${number} whose rows lie on one another`);
    if (payload <= pages.usable - 35) visit(leaf, at, rowId);
    else visit(gathered(pages, leaf, at, payload, seen), 0, rowId);
  }
}

/** Decodes the wanted columns of a record into `cells`. */
function decoder(columns: readonly Column[], wanted: readonly string[], encoding: "utf8" | "utf16le") {
  const texts = columns.map(() => internedTexts(encoding));
  const places = columns.map(({ name }) => wanted.indexOf(name));
  const last = places.reduce((found, place, index) => (place >= 0 ? index : found), -1);
  return (bytes: Buffer, at: number, rowId: number, cells: Cell[]) => {
    const headSize = varintAt(bytes, at);
    let head = varintEnd;
    const headEnd = at + headSize;
    let body = headEnd;
    for (let index = 0; index <= last; index += 1) {
      const place = places[index] as number;
      if (head >= headEnd) {
        if (place >= 0) cells[place] = columns[index]?.missing ?? null;
        continue;
      }
      const serial = varintAt(bytes, head);
      head = varintEnd;
      const size = sizeOfSerial(serial);
      if (place >= 0) {
        if (serial === 7) cells[place] = bytes.readDoubleBE(body);
        else if (serial === 0) cells[place] = columns[index]?.isRowId ? rowId : null;
        else if (serial < 7) cells[place] = integerAt(bytes, body, size);
        else if (serial < 12) cells[place] = serial - 8;
        else if (serial & 1) cells[place] = (texts[index] as (typeof texts)[number])(bytes, body, size);
        else cells[place] = Buffer.from(bytes.subarray(body, body + size));
      }
      body += size;
    }
  };
}

/**
 * Opens a SQLite database for reading its tables row by row. No statement is run, indexes and views are not looked at, and memory
 * does not grow with the file.
 * @throws DatabaseDamage when the file is no database or is cut off; rows before the damage have been visited.
 */
export function openDatabase(path: string): Database {
  const pages = openPages(path);
  const tables = new Map<string, Table>();
  const decode = decoder(
    ["type", "name", "tbl_name", "rootpage", "sql"].map((name) => ({ name, isRowId: false, missing: null })),
    ["type", "name", "rootpage", "sql"],
    pages.encoding,
  );
  const cells: Cell[] = [null, null, null, null];
  try {
    eachRecord(pages, 1, (bytes, at, rowId) => {
      cells.fill(null);
      decode(bytes, at, rowId, cells);
      const [type, name, root, sql] = cells;
      if (type !== "table" || typeof name !== "string" || typeof root !== "number" || typeof sql !== "string")
        return;
      if (tables.size === mostTables)
        throw new DatabaseDamage(`has more than ${mostTables} tables, as no tracker's has`);
      // What is this long is looked at only if it is asked for, and is refused then.
      tables.set(name, { root, sql: sql.slice(0, longestSql + 1) });
    });
  } catch (error) {
    pages.close();
    throw error;
  }
  const tableOf = (name: string): { root: number; columns: Column[] } => {
    const table = tables.get(name);
    if (table === undefined) throw new DatabaseDamage(`has no table ${name}`);
    const { root, sql } = table;
    if (sql.length > longestSql)
      throw new DatabaseDamage(
        `makes its table ${name} by more than ${longestSql} characters, which are not read`,
      );
    if (/\bwithout\s+rowid\b/i.test(sql.slice(sql.lastIndexOf(")") + 1)))
      throw new DatabaseDamage(`keeps its table ${name} without row numbers, which is not read`);
    return { root, columns: columnsOf(sql) };
  };
  return {
    tables: new Set(tables.keys()),
    columns: (name) => tableOf(name).columns.map((column) => column.name),
    scan: (name, wanted, visit) => {
      const table = tableOf(name);
      const row: Cell[] = wanted.map(() => null);
      const read = decoder(table.columns, wanted, pages.encoding);
      eachRecord(pages, table.root, (bytes, at, rowId) => {
        row.fill(null);
        read(bytes, at, rowId, row);
        visit(row);
      });
    },
    close: pages.close,
  };
}
