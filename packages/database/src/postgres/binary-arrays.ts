// PostgreSQL takes a parameter that is given as bytes in its binary form, which it copies; of lists in JSON or as literals it reads
// every number, which took most of the time of a report.

const types = { int4: { oid: 23, size: 4 }, float8: { oid: 701, size: 8 } } as const;
/** Dimensions, whether there are nulls, type of the elements, length, first index. */
const headerBytes = 20;

/** Room for a list of so many numbers, with all that stands beside the numbers themselves. */
function roomFor(lists: readonly (readonly number[])[], type: keyof typeof types) {
  const { oid, size } = types[type];
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(headerBytes + count * (4 + size));
  const view = new DataView(bytes.buffer);
  for (const [index, field] of [1, 0, oid, count, 1].entries()) view.setInt32(4 * index, field);
  return { bytes, view };
}

/** Lists of whole numbers, end to end, as the binary form of an `int4[]`. @throws {RangeError} for one that this does not hold */
export function intArray(lists: readonly (readonly number[])[]): Uint8Array {
  const { bytes, view } = roomFor(lists, "int4");
  let place = headerBytes;
  for (const list of lists) {
    for (let at = 0; at < list.length; at += 1, place += 8) {
      const number = list[at] ?? 0;
      if (number !== (number | 0)) throw new RangeError(`${number} is out of the range of int4`);
      view.setInt32(place, 4);
      view.setInt32(place + 4, number);
    }
  }
  return bytes;
}

/** The same of numbers, NaN and ±Infinity among them, and `float8[]`; −0 is 0, as on the wire. */
export function doubleArray(lists: readonly (readonly number[])[]): Uint8Array {
  const { bytes, view } = roomFor(lists, "float8");
  let place = headerBytes;
  for (const list of lists) {
    for (let at = 0; at < list.length; at += 1, place += 12) {
      view.setInt32(place, 8);
      view.setFloat64(place + 4, (list[at] ?? Number.NaN) + 0);
    }
  }
  return bytes;
}
