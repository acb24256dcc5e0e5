import { chunksOf } from "./chunks.js";
import type { Damage } from "./log-records.js";

/** CRC-32C (Castagnoli, RFC 3720), as TFRecord files mask it. */
const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

function maskedCrc32c(bytes: Buffer, from = 0, to = bytes.length): number {
  let crc = 0xffffffff;
  for (let index = from; index < to; index += 1)
    crc = (table[(crc ^ (bytes[index] as number)) & 255] as number) ^ (crc >>> 8);
  crc = (crc ^ 0xffffffff) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Whether a file begins with a record of TensorBoard's event files: a length whose checksum agrees. */
export const isEventHead = (head: Buffer) =>
  head.length >= 12 && maskedCrc32c(head, 0, 8) === head.readUInt32LE(8);

const largest = 256 * 2 ** 20;

/**
 * Records of an event file: length, checksum of the length, content, checksum of the content. A record with a wrong checksum is
 * left out and counted; behind a wrong length nothing can be found any more.
 */
export function* eventRecords(path: string, damage: Damage): Generator<Buffer> {
  let rest: Buffer[] = [];
  let held = 0;
  /** Bytes until which a record that has begun cannot be whole: before, nothing is copied together. */
  let wanted = 0;
  for (const chunk of chunksOf(path)) {
    if (held + chunk.length < wanted) {
      rest.push(Buffer.from(chunk));
      held += chunk.length;
      continue;
    }
    const bytes = held === 0 ? chunk : Buffer.concat([...rest, chunk]);
    wanted = 0;
    let at = 0;
    while (at + 12 <= bytes.length) {
      const length = Number(bytes.readBigUInt64LE(at));
      if (maskedCrc32c(bytes, at, at + 8) !== bytes.readUInt32LE(at + 8) || length > largest) {
        damage.broken += 1;
        damage.isCut = true;
        return;
      }
      const end = at + 12 + length + 4;
      if (end > bytes.length) {
        wanted = end - at;
        break;
      }
      if (maskedCrc32c(bytes, at + 12, end - 4) === bytes.readUInt32LE(end - 4)) {
        yield bytes.subarray(at + 12, end - 4);
      } else damage.broken += 1;
      at = end;
    }
    rest = [Buffer.from(bytes.subarray(at))];
    held = bytes.length - at;
  }
  if (held > 0) damage.isCut = true;
}

/** What is said of a file whose records were read in part. */
export function damageWords({ broken, isCut }: Damage, what: string): string | null {
  const parts = [
    broken > 0
      ? `${broken} ${broken === 1 ? "record has" : "records have"} a wrong checksum and ${broken === 1 ? "was" : "were"} left out`
      : null,
    isCut ? `ends in the middle of ${what}: it was cut off, or copied while it was written` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join("; ");
}
