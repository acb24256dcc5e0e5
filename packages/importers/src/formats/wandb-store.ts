import { deepestNesting } from "@reprise/contracts";
import { damageWords } from "../binary/event-records.js";
import { type Damage, isStoreHead, storeRecords } from "../binary/log-records.js";
import { fieldsOf, MalformedMessage, readFields, textField } from "../binary/protobuf.js";
import { sameBytes } from "../binary/same-bytes.js";
import type { Reading } from "../files/reading.js";
import { folderOf, headOf, nameOf, pathIn, warn } from "../files/reading.js";
import { isObject, measuredOf, tryJson } from "../values/loose-json.js";

/** Rows of one start of a run. A cell belongs to the row that `rowOf` names; rows count from 0. */
export type StoreRows = {
  steps: number[];
  /** Milliseconds since 1970. */
  times: number[];
  columns: Map<string, { rows: number[]; values: number[] }>;
};

/** What one `.wandb` file holds: one start of a run. */
export type WandbStore = {
  file: string;
  folder: string;
  id: string;
  isEmpty: boolean;
  name: string | null;
  group: string | null;
  jobType: string | null;
  tags: string[];
  host: string | null;
  commit: string | null;
  notes: string | null;
  /** Milliseconds since 1970. */
  start: number | null;
  config: Record<string, unknown>;
  summary: Map<string, unknown>;
  /** Metric that others are drawn over, as `define_metric` says. */
  stepMetric: string | null;
  exitCode: number | null;
  rows: StoreRows;
  /** Names of settings and results whose newest value cannot be read: the one before it counts. */
  unread: Set<string>;
  /** Names of what was logged and is no number: tables, images, texts. */
  other: Set<string>;
};

const emptyStore = (file: string): WandbStore => ({
  file,
  folder: folderOf(file),
  id: /^run-(.+)\.wandb$/.exec(nameOf(file))?.[1] ?? nameOf(file),
  isEmpty: false,
  name: null,
  group: null,
  jobType: null,
  tags: [],
  host: null,
  commit: null,
  notes: null,
  start: null,
  config: {},
  summary: new Map(),
  stepMetric: null,
  exitCode: null,
  rows: { steps: [], times: [], columns: new Map() },
  unread: new Set(),
  other: new Set(),
});

const keptKeys = new Map<string, string>();

/** Name of an item (`key`, or the parts of `nested_key`) and where its JSON stands. */
function itemOf(
  bytes: Buffer,
  from: number,
  to: number,
): { name: string; path: string[]; json: [number, number] } {
  const path: string[] = [];
  let json: [number, number] = [to, to];
  readFields(bytes, from, to, (field, _value, start, end) => {
    if (field === 1 || field === 2) {
      const raw = bytes.toString("latin1", start, end);
      let text = keptKeys.get(raw);
      if (text === undefined) {
        text = bytes.toString("utf8", start, end);
        if (keptKeys.size < 100_000) keptKeys.set(raw, text);
      }
      path.push(text);
    } else if (field === 16) json = [start, end];
  });
  return { name: path.length === 1 ? (path[0] as string) : path.join("."), path, json };
}

/** Numbers that a history's value holds, by name; objects other than media are named by dots. */
function numbersIn(
  name: string,
  value: unknown,
  into: (name: string, value: number) => void,
  other: Set<string>,
) {
  const number = measuredOf(value);
  if (number !== null) into(name, number);
  else if (isObject(value) && !Object.hasOwn(value, "_type")) {
    for (const [key, item] of Object.entries(value)) numbersIn(`${name}.${key}`, item, into, other);
  } else if (value !== null && value !== undefined) other.add(name);
}

const isOwn = (name: string) =>
  name === "_step" || name === "_timestamp" || name === "_runtime" || name.startsWith("_wandb");

/** A value that came in parts, by the path of each: a nested object, or what describes a table or an image. */
type Part = { path: string[]; value: unknown };

/** Adds what came in parts; an object that names its `_type` is media, whose sizes are no metrics. */
function addParts(parts: readonly Part[], add: (name: string, value: number) => void, other: Set<string>) {
  const outer = ({ path }: Part) => path.slice(0, -1).join(".");
  const media = new Set(parts.filter(({ path }) => path.at(-1) === "_type").map(outer));
  for (const part of parts) {
    if (media.has(outer(part))) other.add(outer(part));
    else numbersIn(part.path.join("."), part.value, add, other);
  }
}

/** Where the last variable-length integer ended. */
let varintEnd = 0;

function varintAt(bytes: Buffer, at: number, end: number): number {
  let value = 0;
  let scale = 1;
  for (let index = at; index < end && index < at + 8; index += 1) {
    const byte = bytes[index] as number;
    value += (byte & 127) * scale;
    if (byte < 128) {
      varintEnd = index + 1;
      return value;
    }
    scale *= 128;
  }
  throw new MalformedMessage("a number of a message is cut off");
}

/** An item's parts: its key where it has one, else null, and where its JSON stands. Used again for the next item. */
const item = { keyFrom: 0, keyTo: 0, jsonFrom: 0, jsonTo: 0, isPlain: false };

/** Reads a history's item: 1 key, 2 part of a nested key, 16 JSON. `isPlain`: it has one key and JSON, nothing else. */
function readItem(bytes: Buffer, from: number, to: number) {
  item.isPlain = false;
  item.jsonTo = -1;
  let keys = 0;
  let at = from;
  while (at < to) {
    const tag = varintAt(bytes, at, to);
    const length = varintAt(bytes, varintEnd, to);
    at = varintEnd + length;
    if (at > to || (tag & 7) !== 2) return;
    if (tag === 10 || tag === 18) {
      keys += 1;
      item.keyFrom = varintEnd;
      item.keyTo = at;
    } else if (tag === 130) {
      item.jsonFrom = varintEnd;
      item.jsonTo = at;
    } else return;
  }
  item.isPlain = keys === 1 && item.jsonTo >= 0;
}

/** Columns by the bytes of their names, the last row's first: rows mostly have the same items in the same order. */
type Keys = { order: { key: Buffer; name: string }[]; known: Map<string, { key: Buffer; name: string }> };
const keysOf = new WeakMap<WandbStore, Keys>();

function nameOfItem(bytes: Buffer, place: number, keys: Keys): string {
  const { keyFrom, keyTo } = item;
  const guess = keys.order[place];
  if (guess !== undefined && guess.key.length === keyTo - keyFrom && sameBytes(guess.key, bytes, keyFrom))
    return guess.name;
  const raw = bytes.toString("latin1", keyFrom, keyTo);
  let known = keys.known.get(raw);
  if (known === undefined) {
    known = {
      key: Buffer.from(bytes.subarray(keyFrom, keyTo)),
      name: bytes.toString("utf8", keyFrom, keyTo),
    };
    keys.known.set(raw, known);
  }
  keys.order[place] = known;
  return known.name;
}

function addNumber(rows: StoreRows, row: number, name: string, value: number) {
  let column = rows.columns.get(name);
  if (column === undefined) {
    column = { rows: [], values: [] };
    rows.columns.set(name, column);
  }
  column.rows.push(row);
  column.values.push(value);
}

function readHistory(record: Buffer, from: number, to: number, store: WandbStore) {
  const { rows } = store;
  const row = rows.steps.length;
  let keys = keysOf.get(store);
  if (keys === undefined) {
    keys = { order: [], known: new Map() };
    keysOf.set(store, keys);
  }
  let step = 0;
  let time = Number.NaN;
  let place = 0;
  let parts: Part[] | null = null;
  let at = from;
  while (at < to) {
    const tag = varintAt(record, at, to);
    const length = varintAt(record, varintEnd, to);
    const start = varintEnd;
    at = start + length;
    if (at > to || (tag & 7) !== 2) throw new MalformedMessage("a row is cut off");
    if (tag === 18) step = length > 1 ? varintAt(record, start + 1, at) : 0;
    if (tag !== 10) continue;
    readItem(record, start, at);
    if (!item.isPlain) {
      const { path, json } = itemOf(record, start, at);
      parts ??= [];
      parts.push({ path, value: tryJson(record.toString("utf8", json[0], json[1])) });
      continue;
    }
    const { jsonFrom, jsonTo } = item;
    const name = nameOfItem(record, place++, keys);
    if (name.charCodeAt(0) === 95 && isOwn(name)) {
      if (name === "_step") step = Number(record.toString("latin1", jsonFrom, jsonTo));
      else if (name === "_timestamp") time = Number(record.toString("latin1", jsonFrom, jsonTo)) * 1000;
      continue;
    }
    const first = record[jsonFrom] as number;
    const isNumber = (first >= 48 && first <= 57) || first === 45;
    const number = isNumber ? Number(record.toString("latin1", jsonFrom, jsonTo)) : Number.NaN;
    if (!Number.isNaN(number)) addNumber(rows, row, name, number);
    else {
      parts ??= [];
      parts.push({ path: [name], value: tryJson(record.toString("utf8", jsonFrom, jsonTo)) });
    }
  }
  if (parts !== null) addParts(parts, (name, value) => addNumber(rows, row, name, value), store.other);
  rows.steps.push(step);
  rows.times.push(time);
}

/** Sets or removes a value of nested settings. */
function setAt(config: Record<string, unknown>, path: readonly string[], value: unknown) {
  const last = path.at(-1);
  if (last === undefined) return;
  let inner = config;
  for (const name of path.slice(0, -1)) {
    const known = Object.hasOwn(inner, name) ? inner[name] : undefined;
    const next = isObject(known) ? known : {};
    inner[name] = next;
    inner = next;
  }
  if (value === undefined) delete inner[last];
  else inner[last] = value;
}

function readConfig(bytes: Buffer, from: number, to: number, store: WandbStore) {
  readFields(bytes, from, to, (field, _value, start, end) => {
    if (field !== 1 && field !== 2) return;
    const { name, path, json } = itemOf(bytes, start, end);
    const value = field === 1 ? tryJson(bytes.toString("utf8", json[0], json[1])) : undefined;
    const isUnreadable = path.length > deepestNesting || path.includes("__proto__");
    if (isUnreadable || (field === 1 && value === undefined)) store.unread.add(name);
    else setAt(store.config, path, value);
  });
}

function readSummary(bytes: Buffer, from: number, to: number, store: WandbStore) {
  readFields(bytes, from, to, (field, _value, start, end) => {
    if (field !== 1 && field !== 2) return;
    const { name, json } = itemOf(bytes, start, end);
    const value = field === 1 ? tryJson(bytes.toString("utf8", json[0], json[1])) : undefined;
    if (field === 2) store.summary.delete(name);
    else if (value === undefined) store.unread.add(name);
    else store.summary.set(name, value);
  });
}

function readRun(bytes: Buffer, store: WandbStore) {
  const fields = fieldsOf(bytes);
  store.id = textField(fields, 1) || store.id;
  const config = fields.get(4)?.at(-1)?.bytes;
  if (config !== undefined) readConfig(config, 0, config.length, store);
  store.group = textField(fields, 6) || store.group;
  store.jobType = textField(fields, 7) || store.jobType;
  store.name = textField(fields, 8) || store.name;
  store.notes = textField(fields, 9) || store.notes;
  store.tags = (fields.get(10) ?? []).map(({ bytes: text }) => text.toString("utf8"));
  store.host = textField(fields, 13) || store.host;
  const began = fields.get(17)?.at(-1)?.bytes;
  if (began !== undefined) {
    const parts = fieldsOf(began);
    store.start = (parts.get(1)?.at(-1)?.number ?? 0) * 1000 + (parts.get(2)?.at(-1)?.number ?? 0) / 1e6;
  }
  const git = fields.get(21)?.at(-1)?.bytes;
  if (git !== undefined) store.commit = textField(fieldsOf(git), 2) || store.commit;
}

/** Record by the numbers of W&B's `wandb_internal.proto`: 2 history, 3 summary, 5 config, 12 metric, 17 run, 18 exit. */
function readRecord(record: Buffer, store: WandbStore) {
  readFields(record, 0, record.length, (field, _value, from, to) => {
    if (field === 2) readHistory(record, from, to, store);
    else if (field === 3) readSummary(record, from, to, store);
    else if (field === 5) readConfig(record, from, to, store);
    else if (field === 12)
      store.stepMetric = textField(fieldsOf(record.subarray(from, to)), 4) || store.stepMetric;
    else if (field === 17) readRun(Buffer.from(record.subarray(from, to)), store);
    else if (field === 18) store.exitCode = fieldsOf(record.subarray(from, to)).get(1)?.at(-1)?.number ?? 0;
  });
}

/** Reads one `.wandb` file as far as it goes; null for one that is none. What was left out stands in the warnings. */
export function readStore(reading: Reading, file: string): WandbStore | null {
  const store = emptyStore(file);
  const head = headOf(reading, file, 7);
  if (head.length === 0) {
    warn(reading, file, "is empty: nothing of the run had been written when it was copied");
    return { ...store, isEmpty: true };
  }
  if (!isStoreHead(head)) {
    warn(reading, file, "does not begin as a file of W&B does");
    return null;
  }
  const damage: Damage = { broken: 0, isCut: false };
  for (const record of storeRecords(pathIn(reading, file), damage)) {
    try {
      readRecord(record, store);
    } catch (error) {
      if (!(error instanceof MalformedMessage) && !(error instanceof RangeError)) throw error;
      damage.broken += 1;
    }
  }
  const words = damageWords(damage, "a record");
  if (words !== null) warn(reading, file, words);
  if (store.unread.size > 0) {
    const names = [...store.unread].slice(0, 3).map((name) => name.slice(0, 80));
    const more = store.unread.size > 3 ? ` and ${store.unread.size - 3} more` : "";
    warn(
      reading,
      file,
      `sets ${names.join(", ")}${more} to what nests deeper than ${deepestNesting} levels, is not JSON or is named __proto__: what was set before, if anything, counts`,
    );
  }
  return store;
}
