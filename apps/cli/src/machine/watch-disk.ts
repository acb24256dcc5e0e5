import { diskWords } from "@reprise/contracts";

const lookEveryMs = 10_000;

/** Tells when the disk of a folder is nearly full, is full, and has room again: once each. @returns what ends it */
export async function watchDisk(folder: string, tell: (what: string) => void): Promise<() => void> {
  const { freeSpace } = await import("@reprise/database");
  /** The words without their figures, by which they are told apart. */
  let told: string | null = null;
  const look = async () => {
    const free = await freeSpace(folder);
    // Not seen: what was told last may still be so.
    if (free === null) return;
    const words = diskWords(folder, free);
    const state = words?.replace(/[\d.]+ [MG]iB/, "") ?? null;
    if (state === told) return;
    tell(words ?? `There is room on the disk of ${folder} again.`);
    told = state;
  };
  await look();
  const timer = setInterval(() => void look(), lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}
