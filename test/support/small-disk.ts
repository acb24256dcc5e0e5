import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Makes `folder` a small disk of its own, in memory. False where this user may not. */
export function mountSmallDisk(folder: string, megabytes: number): boolean {
  mkdirSync(folder);
  const options = ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=755`];
  return spawnSync("mount", [...options, "tmpfs", folder]).status === 0;
}

export function unmountSmallDisk(folder: string): void {
  spawnSync("umount", ["--lazy", folder]);
}

/** Why no disk can be filled here; null where one can. */
export function smallDiskMissing(): string | null {
  const folder = mkdtempSync(join(tmpdir(), "reprise-disk-"));
  const disk = join(folder, "disk");
  const isMounted = mountSmallDisk(disk, 1);
  if (isMounted) unmountSmallDisk(disk);
  rmSync(folder, { recursive: true });
  return isMounted ? null : "a full disk, because this user may not mount a small one";
}

/** Writes to a disk until nothing more fits. @returns what gives the room back */
export function fillDisk(disk: string): () => void {
  const filler = join(disk, "filler");
  const file = openSync(filler, "w");
  try {
    for (const block of [Buffer.alloc(2 ** 20), Buffer.alloc(2 ** 12)]) {
      try {
        for (;;) writeSync(file, block);
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      }
    }
  } finally {
    closeSync(file);
  }
  return () => rmSync(filler);
}
