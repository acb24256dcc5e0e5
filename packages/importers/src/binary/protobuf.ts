export class MalformedMessage extends Error {}

/** A number of more than 49 bits, as which negative ones are written. */
function wideVarint(bytes: Buffer, from: number, to: number): number {
  let value = 0n;
  for (let at = to - 1; at >= from; at -= 1) value = (value << 7n) | BigInt((bytes[at] as number) & 127);
  return Number(BigInt.asIntN(64, value));
}

/**
 * Calls `visit` for every field of a message (https://protobuf.dev/programming-guides/encoding). Of a number, `value` is it; of
 * bytes, a double or a float, they stand from `from` to `to`.
 * @throws MalformedMessage where the bytes are no message.
 */
export function readFields(
  bytes: Buffer,
  start: number,
  end: number,
  visit: (field: number, value: number, from: number, to: number) => void,
): void {
  let at = start;
  const varint = (): number => {
    const from = at;
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10 && at < end; count += 1) {
      const byte = bytes[at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) return count < 7 ? value : wideVarint(bytes, from, at);
      scale *= 128;
    }
    throw new MalformedMessage("a number of a message is cut off");
  };
  while (at < end) {
    const key = varint();
    const wire = key & 7;
    const field = Math.floor(key / 8);
    if (wire === 0) visit(field, varint(), at, at);
    else {
      const length = wire === 2 ? varint() : wire === 1 ? 8 : wire === 5 ? 4 : -1;
      if (length < 0 || at + length > end) throw new MalformedMessage("a field of a message is cut off");
      const from = at;
      at += length;
      visit(field, 0, from, at);
    }
  }
}

export type Field = { number: number; bytes: Buffer };

/** Fields of a message that is held whole: each is an object, in memory many times its bytes. */
const mostFields = 100_000;

/** All fields of a small message by their number. @throws MalformedMessage where they are too many */
export function fieldsOf(bytes: Buffer): Map<number, Field[]> {
  const fields = new Map<number, Field[]>();
  let count = 0;
  readFields(bytes, 0, bytes.length, (field, number, from, to) => {
    count += 1;
    if (count > mostFields) throw new MalformedMessage(`a message has more than ${mostFields} fields`);
    const list = fields.get(field) ?? [];
    list.push({ number, bytes: bytes.subarray(from, to) });
    fields.set(field, list);
  });
  return fields;
}

export const textField = (fields: ReadonlyMap<number, readonly Field[]>, field: number) =>
  fields.get(field)?.at(-1)?.bytes.toString("utf8");
export const doubleField = (fields: ReadonlyMap<number, readonly Field[]>, field: number) => {
  const bytes = fields.get(field)?.at(-1)?.bytes;
  return bytes?.length === 8 ? bytes.readDoubleLE(0) : undefined;
};
