import { damageWords, eventRecords } from "../binary/event-records.js";
import type { Damage } from "../binary/log-records.js";
import {
  doubleField,
  type Field,
  fieldsOf,
  MalformedMessage,
  readFields,
  textField,
} from "../binary/protobuf.js";
import { pathIn, type Reading, warn } from "../files/reading.js";
import { addPoint, type Histories } from "../values/histories.js";

/** What the hyperparameter plugin says of a session. Times are seconds since 1970. */
type Session = {
  hparams: Record<string, unknown> | null;
  start: number | null;
  end: { status: number; time: number | null } | null;
};

/** What the event files of one folder hold together. */
export type EventFolder = {
  histories: Histories;
  session: Session;
  /** Whether a value was stored in double precision. */
  isDouble: boolean;
  /** Files, and restarts that a file announces. */
  restarts: number;
};

export const emptyFolder = (): EventFolder => ({
  histories: new Map(),
  session: { hparams: null, start: null, end: null },
  isDouble: false,
  restarts: 0,
});

/** google.protobuf.Value: 1 null, 2 number, 3 text, 4 boolean, 6 list. */
function plainValue(bytes: Buffer): unknown {
  const fields = fieldsOf(bytes);
  const number = doubleField(fields, 2);
  if (number !== undefined) return number;
  const text = textField(fields, 3);
  if (text !== undefined) return text;
  const truth = fields.get(4)?.at(-1);
  if (truth !== undefined) return truth.number !== 0;
  const list = fields.get(6)?.at(-1)?.bytes;
  return list === undefined ? null : (fieldsOf(list).get(1) ?? []).map((item) => plainValue(item.bytes));
}

/** HParamsPluginData (tensorboard/plugins/hparams/plugin_data.proto): 3 session's start, 4 its end. */
function readSession(content: Buffer, session: Session) {
  const fields = fieldsOf(content);
  const begun = fields.get(3)?.at(-1)?.bytes;
  if (begun !== undefined) {
    const parts = fieldsOf(begun);
    const pairs = (parts.get(1) ?? []).map(({ bytes }) => {
      const pair = fieldsOf(bytes);
      const value = pair.get(2)?.at(-1)?.bytes;
      return [textField(pair, 1) ?? "", value === undefined ? null : plainValue(value)] as const;
    });
    session.hparams = { ...session.hparams, ...Object.fromEntries(pairs) };
    session.start = doubleField(parts, 5) || session.start;
  }
  const ended = fields.get(4)?.at(-1)?.bytes;
  if (ended === undefined) return;
  const parts = fieldsOf(ended);
  session.end = { status: parts.get(1)?.at(-1)?.number ?? 0, time: doubleField(parts, 2) || null };
}

const elementSize: Readonly<Record<number, number>> = { 1: 4, 2: 8, 3: 4, 9: 8 };

/** The one number of a tensor (1 float, 2 double, 3 int32, 9 int64); null for texts, images and arrays. */
function tensorNumber(bytes: Buffer): { value: number; isDouble: boolean } | null {
  const fields = fieldsOf(bytes);
  const type = fields.get(1)?.at(-1)?.number ?? 0;
  const size = elementSize[type];
  if (size === undefined) return null;
  const content = fields.get(4)?.at(-1)?.bytes;
  const given: Field | undefined = {
    1: fields.get(5),
    2: fields.get(6),
    3: fields.get(7),
    9: fields.get(10),
  }[type]?.at(-1);
  const raw = content !== undefined && content.length > 0 ? content : given?.bytes;
  const isDouble = type === 2;
  if (raw === undefined) return null;
  if (raw.length === 0 && given !== undefined) return { value: given.number, isDouble };
  if (type === 3 || type === 9) {
    if (raw === content && raw.length === size)
      return { value: type === 3 ? raw.readInt32LE(0) : Number(raw.readBigInt64LE(0)), isDouble };
    let value: number | null = null;
    let count = 0;
    readFields(Buffer.concat([Buffer.from([8]), raw]), 0, raw.length + 1, (_field, number) => {
      value = number;
      count += 1;
    });
    return value === null || count !== 1 ? null : { value, isDouble };
  }
  if (raw.length !== size) return null;
  return { value: size === 4 ? raw.readFloatLE(0) : raw.readDoubleLE(0), isDouble };
}

/** Summary.Value: 1 tag, 2 simple value, 8 tensor, 9 metadata with the plugin's name and content. */
function readValue(bytes: Buffer, step: number, time: number, folder: EventFolder) {
  const fields = fieldsOf(bytes);
  const tag = textField(fields, 1) ?? "";
  const metadata = fields.get(9)?.at(-1)?.bytes;
  const plugin = metadata === undefined ? undefined : fieldsOf(metadata).get(1)?.at(-1)?.bytes;
  if (plugin !== undefined) {
    const parts = fieldsOf(plugin);
    const content = parts.get(2)?.at(-1)?.bytes;
    if (textField(parts, 1) === "hparams") {
      if (content !== undefined) readSession(content, folder.session);
      return;
    }
  }
  const simple = fields.get(2)?.at(-1)?.bytes;
  if (simple?.length === 4) {
    addPoint(folder.histories, tag, step, simple.readFloatLE(0), time);
    return;
  }
  const tensor = fields.get(8)?.at(-1)?.bytes;
  const held = tensor === undefined ? null : tensorNumber(tensor);
  if (held === null) return;
  folder.isDouble ||= held.isDouble;
  addPoint(folder.histories, tag, step, held.value, time);
}

/** SessionLog.START at a step: what was logged from that step on is discarded, as TensorBoard does. */
function discardFrom(step: number, folder: EventFolder) {
  folder.restarts += 1;
  for (const history of folder.histories.values()) {
    for (let index = 0; index < history.values.length; index += 1) {
      if ((history.steps[index] as number) < step) continue;
      history.discarded ??= new Set();
      history.discarded.add(index);
    }
  }
}

/** Event (tensorflow/core/util/event.proto): 1 wall time, 2 step, 5 summary, 7 session log. */
function readEvent(record: Buffer, folder: EventFolder) {
  let time = Number.NaN;
  let step = 0;
  let isStart = false;
  readFields(record, 0, record.length, (field, value, from, to) => {
    if (field === 1 && to - from === 8) time = record.readDoubleLE(from) * 1000;
    else if (field === 2) step = value;
    else if (field === 7) isStart = fieldsOf(record.subarray(from, to)).get(1)?.at(-1)?.number === 1;
  });
  if (isStart) discardFrom(step, folder);
  // Step and time may stand behind them.
  readFields(record, 0, record.length, (part, _number, from, to) => {
    if (part !== 5) return;
    readFields(record, from, to, (field, _value, start, end) => {
      if (field === 1) readValue(record.subarray(start, end), step, time, folder);
    });
  });
}

/** Adds what one event file holds to its folder's; what was left out stands in the warnings. */
export function readEventFile(reading: Reading, file: string, folder: EventFolder): void {
  const damage: Damage = { broken: 0, isCut: false };
  for (const record of eventRecords(pathIn(reading, file), damage)) {
    try {
      readEvent(record, folder);
    } catch (error) {
      if (!(error instanceof MalformedMessage) && !(error instanceof RangeError)) throw error;
      damage.broken += 1;
    }
  }
  const words = damageWords(damage, "an event");
  if (words !== null) warn(reading, file, words);
}
