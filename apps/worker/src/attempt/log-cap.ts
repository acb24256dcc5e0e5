import { keptLog, leftOutWords, longLogWords, sizeOfLine } from "@reprise/contracts";
import type { TrainerLog } from "@reprise/trainers";

/**
 * Keeps the beginning and the end of what an attempt prints: lines go on to `write` until the first limit is reached, of the rest
 * the last ones wait in memory for `end`. A program that prints for a week fills neither memory nor database.
 */
export function capLog(
  write: (entry: TrainerLog) => Promise<void>,
  { head, tail } = keptLog,
): { add(entry: TrainerLog): Promise<void>; end(): Promise<void> } {
  let written = 0;
  const last: TrainerLog[] = [];
  let waiting = 0;
  let dropped = 0;
  let isFull = false;
  const remark = (text: string) => write({ stream: "worker", at: new Date(), text });
  return {
    async add(entry) {
      const size = sizeOfLine(entry);
      if (!isFull && written + size <= head) {
        written += size;
        return write(entry);
      }
      if (!isFull) {
        isFull = true;
        await remark(`${longLogWords}, and shown when the run has ended.`);
      }
      last.push(entry);
      waiting += size;
      while (waiting > tail) {
        const first = last.shift();
        if (!first) break;
        waiting -= sizeOfLine(first);
        dropped += 1;
      }
    },
    async end() {
      if (dropped > 0) await remark(leftOutWords(dropped));
      for (const entry of last.splice(0)) await write(entry);
    },
  };
}
