import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A group of the kernel's (version 2) with one process and all that it starts, which none of them leaves by itself: cgroups(7). */
export type ControlGroup = {
  /** Kills all that is in it and removes it. Resolves when it is empty. */
  end(): Promise<void>;
};

const prefix = "reprise-";

/** The folder of the group that this process is in; null where there is none. */
function ownGroup(): string | null {
  try {
    const path = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1];
    // Mount points, proc(5): the root within the file system and the place are fields 4 and 5, the kind follows a dash.
    const mount = readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .find((line) => line.includes(" - cgroup2 "));
    const [root, place] = mount?.split(" ").slice(3, 5) ?? [];
    if (path === undefined || root === undefined || place === undefined) return null;
    const inside = relative(root, path);
    return inside.startsWith("..") ? null : join(place, inside);
  } catch {
    return null;
  }
}

/**
 * Whether a group limits memory or processors. Libraries read such limits of the group that they are in, and choose threads
 * and memory by them: from within a group of its own a trainer would not see them, and might compute otherwise.
 */
function hasLimits(folder: string): boolean {
  return ["memory.max", "memory.high", "cpu.max"].some((name) => {
    const file = join(folder, name);
    return existsSync(file) && !readFileSync(file, "utf8").startsWith("max");
  });
}

/** Groups that a process left behind which was killed; one with processes in it cannot be removed. */
function removeEmpty(folder: string): void {
  for (const name of readdirSync(folder)) if (name.startsWith(prefix)) remove(join(folder, name));
}

function remove(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return !existsSync(folder);
  }
}

/** Where groups are made; null where they cannot be, undefined before anybody has looked. */
let place: string | null | undefined;

function placeForGroups(): string | null {
  const folder = ownGroup();
  try {
    if (folder === null || hasLimits(folder)) return null;
    removeEmpty(folder);
    return folder;
  } catch {
    return null;
  }
}

const looks = 100;
const lookEveryMs = 10;

/**
 * Puts a process that has just been started into a group of its own. Null where the machine has no such groups, this user may not make
 * any, or the group of this process has limits.
 */
export function controlGroupOf(pid: number): ControlGroup | null {
  if (place === undefined) place = placeForGroups();
  if (place === null) return null;
  const folder = join(place, `${prefix}${randomUUID()}`);
  const kill = join(folder, "cgroup.kill");
  try {
    mkdirSync(folder);
    // Since Linux 5.14.
    if (!existsSync(kill)) throw new Error("the kernel kills no groups");
    writeFileSync(join(folder, "cgroup.procs"), String(pid));
  } catch (error) {
    remove(folder);
    // The process itself may have ended already; else it will be no better for the next.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) place = null;
    return null;
  }
  let ended: Promise<void> | undefined;
  const end = async () => {
    for (let look = 0; look < looks && !remove(folder); look += 1) {
      try {
        writeFileSync(kill, "1");
      } catch {
        // It is gone.
      }
      await delay(lookEveryMs);
    }
  };
  return {
    end: () => {
      ended ??= end();
      return ended;
    },
  };
}
