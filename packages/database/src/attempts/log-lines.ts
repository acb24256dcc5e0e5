import {
  costOfLine,
  keptLog,
  type LogLine,
  leftOutWords,
  longLogWords,
  sizeOfLine,
} from "@reprise/contracts";
import type { Sql } from "../connect.js";
import { Prisma } from "../generated/client.js";
import { storableText } from "../storable.js";

type Line = { stream: LogLine["stream"]; at: Date; text: string };
type Place = { runId: string; attempt: number; batch: number };
/** Lines that an attempt has written so far, and their characters with what each costs. */
export type LogSize = { logLines: number; logCharacters: number };

type LogRow = { place: Place; firstLine: number; lines: readonly Line[] };
/** Where lines of a batch go, and how long the log then is. */
type PlacedLog = {
  rows: LogRow[];
  size: LogSize /** There may be more at its end than is kept of one. */;
  endIsLong: boolean;
};

/** Rows that are no batch: the remark where the beginning of a long log ends, and what came with its last lines. */
const remarkRow = -1;
const restRow = -2;

/** Of a writer that limits its log itself. */
export function placeAll(
  place: Place,
  { logLines, logCharacters }: LogSize,
  lines: readonly Line[],
): PlacedLog {
  const size = { logLines: logLines + lines.length, logCharacters };
  return { rows: withLines([{ place, firstLine: logLines, lines }]), size, endIsLong: false };
}

/**
 * Of a program that may print without end: all, until the beginning is as long as is kept of it, then one remark, and from there on
 * those of the end. Lines before them are removed (`trimEnd`) as often as so many characters have come as are kept of the end.
 * Numbers of lines go on, so that readers find their place.
 */
export function placeCapped(
  place: Place,
  { logLines: first, logCharacters: before }: LogSize,
  lines: readonly Line[],
): PlacedLog {
  const { head, tail } = keptLog;
  const after = lines.reduce((sum, line) => sum + sizeOfLine(line), before);
  const wasFull = before > head;
  const ofHead = wasFull ? 0 : fitting(lines, head - before);
  const rest = lines.slice(ofHead);
  const beginning = { place, firstLine: first, lines: lines.slice(0, ofHead) };
  if (rest.length === 0) {
    const size = { logLines: first + ofHead, logCharacters: after };
    return { rows: withLines([beginning]), size, endIsLong: false };
  }
  const remark = wasFull
    ? []
    : [{ stream: "worker" as const, at: rest[0]?.at ?? new Date(), text: `${longLogWords}.` }];
  const next = first + ofHead + remark.length;
  // One more than fits: no line before them is needed.
  const passed = Math.max(0, rest.length - fitting(rest.toReversed(), tail) - 1);
  const batch = wasFull ? place.batch : restRow;
  const parts = (characters: number) => Math.floor(Math.max(0, characters - head) / tail);
  return {
    rows: withLines([
      beginning,
      { place: { ...place, batch: remarkRow }, firstLine: first + ofHead, lines: remark },
      { place: { ...place, batch }, firstLine: next + passed, lines: rest.slice(passed) },
    ]),
    size: { logLines: next + rest.length, logCharacters: after },
    endIsLong: parts(after) > parts(before),
  };
}

const withLines = (rows: LogRow[]) => rows.filter(({ lines }) => lines.length > 0);

/** How many of the first lines have so many characters at most. */
function fitting(lines: readonly Line[], characters: number): number {
  let left = characters;
  const past = lines.findIndex((line) => {
    left -= sizeOfLine(line);
    return left < 0;
  });
  return past === -1 ? lines.length : past;
}

/** Removes the rows between the beginning of a log and what is kept of its end, and lets the remark say how many lines they had. */
export async function trimEnd(sql: Sql, { runId, attempt }: Place): Promise<void> {
  const rows = await sql.$queryRaw<Array<{ leftOut: number | null }>>`
    WITH head AS (
      SELECT first_line AS ends FROM log_chunks
      WHERE run_id = ${runId}::uuid AND attempt = ${attempt}::int AND batch = ${remarkRow}::int
    ), sized AS (
      SELECT c.batch, c.first_line, (SELECT sum(char_length(line) + ${costOfLine}::int) FROM unnest(c.texts) AS line) AS size
      FROM log_chunks c, head
      WHERE c.run_id = ${runId}::uuid AND c.attempt = ${attempt}::int AND c.first_line > head.ends
    ), placed AS (
      SELECT batch, first_line, sum(size) OVER (ORDER BY first_line DESC) - size AS later FROM sized
    ), gone AS (
      DELETE FROM log_chunks c USING placed p
      WHERE c.run_id = ${runId}::uuid AND c.attempt = ${attempt}::int AND c.batch = p.batch AND p.later >= ${keptLog.tail}::int
    )
    SELECT (min(p.first_line) - min(head.ends) - 1)::int AS "leftOut" FROM placed p, head WHERE p.later < ${keptLog.tail}::int`;
  const leftOut = rows[0]?.leftOut ?? 0;
  if (leftOut === 0) return;
  await sql.logChunk.updateMany({
    where: { runId, attempt, batch: remarkRow },
    data: { texts: [`${longLogWords}. ${leftOutWords(leftOut)}`] },
  });
}

export function logsInsert({ place, firstLine, lines }: LogRow): Prisma.Sql {
  const times = lines.map((line) => line.at.toISOString());
  return Prisma.sql`
    INSERT INTO log_chunks (run_id, attempt, batch, first_line, streams, times, texts)
    VALUES (${place.runId}::uuid, ${place.attempt}::int, ${place.batch}::int, ${firstLine}::int,
      ${lines.map((line) => line.stream)}::text[], ${times}::timestamptz[], ${lines.map((line) => storableText(line.text))}::text[])`;
}
