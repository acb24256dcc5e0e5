import type { TrainerLog } from "@reprise/trainers";

/** Characters of an attempt's log that are kept from its beginning, and from its end. */
const kept = { head: 16 * 1024 * 1024, tail: 1024 * 1024 };

/** A line counts as so much more than its text: many short ones are many all the same. */
const perLine = 50;

/**
 * Keeps the beginning and the end of what an attempt prints: lines go on to `write` until the first limit is reached, of the rest
 * the last ones wait in memory for `end`. A program that prints for a week fills neither memory nor database.
 */
export function capLog(
  write: (entry: TrainerLog) => Promise<void>,
  { head, tail } = kept,
): { add(entry: TrainerLog): Promise<void>; end(): Promise<void> } {
  let written = 0;
  const last: TrainerLog[] = [];
  let waiting = 0;
  let dropped = 0;
  let isFull = false;
  const sizeOf = (entry: TrainerLog) => entry.text.length + perLine;
  const remark = (text: string) => write({ stream: "worker", at: new Date(), text });
  return {
    async add(entry) {
      const size = sizeOf(entry);
      if (!isFull && written + size <= head) {
        written += size;
        return write(entry);
      }
      if (!isFull) {
        isFull = true;
        await remark(
          "The log is long: from here on its last lines are kept, and shown when the run has ended.",
        );
      }
      last.push(entry);
      waiting += size;
      while (waiting > tail) {
        const first = last.shift();
        if (!first) break;
        waiting -= sizeOf(first);
        dropped += 1;
      }
    },
    async end() {
      if (dropped > 0) await remark(`${dropped} ${dropped === 1 ? "line was" : "lines were"} left out here.`);
      for (const entry of last.splice(0)) await write(entry);
    },
  };
}
