import type { Readable } from "node:stream";

export type Line = {
  text: string;
  /** Bytes that were left out because the line was longer than the limit. */
  cut: number;
  /** The stream ended before the line did. */
  isTorn: boolean;
};

const newline = 0x0a;

/**
 * Splits a stream into lines of UTF-8, each at most `maxBytes` long: of a longer line the start is kept and the
 * number of bytes left out is counted, so that a program which prints without end costs no memory. Waiting between
 * lines holds the writer back through the pipe.
 *
 * @param startBytes how much is kept of a line that is too long
 */
export async function* linesOf(
  stream: Readable,
  maxBytes: number,
  startBytes = maxBytes,
): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let bytesTaken = 0;
  let cut = 0;
  const append = (piece: Buffer) => {
    const room = piece.subarray(0, Math.max(0, maxBytes - bytesTaken));
    bytesTaken += room.length;
    const isStartOfCut = cut === 0 && room.length < piece.length;
    cut += piece.length - room.length;
    if (room.length > 0) parts.push(room);
    if (isStartOfCut && startBytes < maxBytes) parts = [startOf(parts, startBytes)];
  };
  const take = (isTorn: boolean): Line => {
    const whole = Buffer.concat(parts);
    const end = whole.at(-1) === 0x0d ? whole.length - 1 : whole.length;
    const line = { text: whole.toString("utf8", 0, end), cut, isTorn };
    parts = [];
    bytesTaken = 0;
    cut = 0;
    return line;
  };
  for await (const chunk of stream) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    let start = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      append(bytes.subarray(start, end));
      yield take(false);
      start = end + 1;
    }
    append(bytes.subarray(start));
  }
  if (bytesTaken > 0 || cut > 0) yield take(true);
}

/** The first bytes of some pieces, in memory of their own: the rest can go. */
function startOf(parts: readonly Buffer[], bytes: number): Buffer {
  const start = Buffer.alloc(bytes);
  let filled = 0;
  for (const part of parts) {
    if (filled === bytes) break;
    filled += part.copy(start, filled);
  }
  return start.subarray(0, filled);
}

/** A text cut to `length` characters, with the number of characters left out. */
export function shorten(text: string, length = 200): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${text.length - length} more characters)`;
}
