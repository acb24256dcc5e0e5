import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";

/** First in, first out: in memory up to a limit, on disk beyond it. */
export type Spool<T> = {
  push(item: T, bytes: number): Promise<void>;
  /** The oldest item, which stays in place until `shift`; null when empty. */
  peek(): Promise<T | null>;
  shift(): Promise<void>;
  length(): number;
  bytes(): number;
  clear(): Promise<void>;
};

type Entry<T> = { bytes: number } & ({ item: T } | { file: string });

/**
 * `directory` is made when the first item goes to disk and removed by `clear`. Items keep dates, NaN and infinities
 * (structured clone).
 */
export function createSpool<T>(options: { directory: string; memoryBytes: number }): Spool<T> {
  const entries: Entry<T>[] = [];
  let inMemory = 0;
  let total = 0;
  let written = 0;
  return {
    async push(item, bytes) {
      if (inMemory + bytes <= options.memoryBytes || entries.length === 0) {
        total += bytes;
        inMemory += bytes;
        entries.push({ bytes, item });
        return;
      }
      const file = join(options.directory, `${String(written++).padStart(9, "0")}.bin`);
      await mkdir(options.directory, { recursive: true });
      await writeFile(file, serialize(item)).catch(async (error: unknown) => {
        await rm(file, { force: true });
        throw error;
      });
      total += bytes;
      entries.push({ bytes, file });
    },
    async peek() {
      const [first] = entries;
      if (!first) return null;
      if ("item" in first) return first.item;
      const item: T = deserialize(await readFile(first.file));
      // Read once: the next look finds it in memory.
      entries[0] = { bytes: first.bytes, item };
      inMemory += first.bytes;
      await rm(first.file, { force: true });
      return item;
    },
    async shift() {
      const first = entries.shift();
      if (!first) return;
      total -= first.bytes;
      if ("item" in first) inMemory -= first.bytes;
      else await rm(first.file, { force: true });
    },
    length: () => entries.length,
    bytes: () => total,
    async clear() {
      entries.length = 0;
      inMemory = 0;
      total = 0;
      await rm(options.directory, { recursive: true, force: true });
    },
  };
}
