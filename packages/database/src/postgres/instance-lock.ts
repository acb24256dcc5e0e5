import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { InstanceRunningError } from "../errors.js";
import { isProcessAlive, processStart } from "./processes.js";

const lockContent = z.object({
  pid: z.int().positive(),
  /** When the process started, in the system's own unit; tells a process from a later one with the same number. */
  processStart: z.string().nullable(),
  url: z.string().nullable(),
});
type LockContent = z.infer<typeof lockContent>;

export type InstanceLock = {
  /** Writes the address of this instance into the lock, for whoever starts a second one. */
  announce(url: string): Promise<void>;
  release(): Promise<void>;
};

function parseLock(text: string): LockContent | null {
  try {
    return lockContent.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function isHeld(content: LockContent): boolean {
  if (!isProcessAlive(content.pid)) return false;
  const start = processStart(content.pid);
  return start === null || content.processStart === null || start === content.processStart;
}

/**
 * Takes `dataDirectory/reprise.lock`. A lock whose process has died is replaced.
 *
 * @throws InstanceRunningError when its process lives.
 */
export async function takeInstanceLock(dataDirectory: string): Promise<InstanceLock> {
  await mkdir(dataDirectory, { recursive: true });
  const file = path.join(dataDirectory, "reprise.lock");
  const own = `${file}.${process.pid}`;
  const write = async (url: string | null) => {
    const content: LockContent = { pid: process.pid, processStart: processStart(process.pid), url };
    await writeFile(own, `${JSON.stringify(content)}\n`, { mode: 0o644 });
  };
  await write(null);
  for (;;) {
    // A link appears whole or not at all, and never over an existing file.
    const taken = await link(own, file).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === "EEXIST") return false;
        throw error;
      },
    );
    if (taken) break;
    const text = await readFile(file, "utf8").catch(() => null);
    if (text === null) continue;
    const content = parseLock(text);
    if (content !== null && isHeld(content)) {
      await rm(own, { force: true });
      throw new InstanceRunningError(content.pid, content.url, dataDirectory);
    }
    // Move the stale lock aside, and put it back if another starter has replaced it in the meantime.
    const aside = `${file}.stale.${process.pid}`;
    await rename(file, aside).catch(() => undefined);
    const moved = await readFile(aside, "utf8").catch(() => null);
    if (moved !== null && moved !== text) await link(aside, file).catch(() => undefined);
    await rm(aside, { force: true });
  }
  await rm(own, { force: true });
  return {
    async announce(url) {
      await write(url);
      await rename(own, file);
    },
    async release() {
      await rm(file, { force: true });
    },
  };
}
