import {
  costOfLine,
  keptLog,
  type LogLine,
  leftOutWords,
  longLogWords,
  sizeOfLine,
} from "@reprise/contracts";
import type { Sql } from "../connect.js";
import { storableText } from "../storable.js";

type Line = { stream: LogLine["stream"]; at: Date; text: string };
type Place = { runId: string; attempt: number; batch: number };
/** Lines that an attempt has written so far, and their characters with what each costs. */
export type LogSize = { logLines: number; logCharacters: number };

/** Rows that are no batch: the remark where the beginning of a long log ends, and what came with its last lines. */
const remarkRow = -1;
const restRow = -2;

/**
 * Writes lines of a program that may print without end: all, until the beginning is as long as is kept of it, then one remark, and from
 * there on those of the end. Lines before them are removed as often as so many characters have come as are kept of the end. Numbers
 * of lines go on, so that readers find their place.
 *
 * @returns the size of the log with them
 */
export async function writeCappedLogs(
  sql: Sql,
  place: Place,
  { logLines: first, logCharacters: before }: LogSize,
  lines: readonly Line[],
): Promise<LogSize> {
  const { head, tail } = keptLog;
  const after = lines.reduce((sum, line) => sum + sizeOfLine(line), before);
  const wasFull = before > head;
  const ofHead = wasFull ? 0 : fitting(lines, head - before);
  const rest = lines.slice(ofHead);
  await writeLines(sql, place, first, lines.slice(0, ofHead));
  if (rest.length === 0) return { logLines: first + ofHead, logCharacters: after };
  let next = first + ofHead;
  if (!wasFull) {
    const remark = { stream: "worker" as const, at: rest[0]?.at ?? new Date(), text: `${longLogWords}.` };
    await writeLines(sql, { ...place, batch: remarkRow }, next, [remark]);
    next += 1;
  }
  // One more than fits: no line before them is needed.
  const passed = Math.max(0, rest.length - fitting(rest.toReversed(), tail) - 1);
  const batch = wasFull ? place.batch : restRow;
  await writeLines(sql, { ...place, batch }, next + passed, rest.slice(passed));
  const parts = (characters: number) => Math.floor(Math.max(0, characters - head) / tail);
  if (parts(after) > parts(before)) await trimEnd(sql, place);
  return { logLines: next + rest.length, logCharacters: after };
}

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
async function trimEnd(sql: Sql, { runId, attempt }: Place): Promise<void> {
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

export async function writeLines(
  sql: Sql,
  place: Place,
  firstLine: number,
  lines: readonly Line[],
): Promise<void> {
  if (lines.length === 0) return;
  // Of `create` the client would read back what it has just written.
  await sql.logChunk.createMany({
    data: [
      {
        ...place,
        firstLine,
        streams: lines.map((line) => line.stream),
        times: lines.map((line) => line.at),
        texts: lines.map((line) => storableText(line.text)),
      },
    ],
  });
}
