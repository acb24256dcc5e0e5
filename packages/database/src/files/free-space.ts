import { statfs } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** A file server that does not answer must not hold up who asks. */
const answerWithinMs = 1_000;

/** Bytes that this user may still write on the file system of a folder; null where that cannot be told. */
export async function freeSpace(folder: string): Promise<number | null> {
  const waiting = new AbortController();
  const late = delay(answerWithinMs, null, { signal: waiting.signal }).catch(() => null);
  const told = statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  );
  const free = await Promise.race([told, late]);
  waiting.abort();
  return free;
}
