import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A group of the kernel's (version 2) with one process and all that it starts, which none of them leaves by itself: cgroups(7). */
export type ControlGroup = {
  /** Kills all that is in it and removes it. Resolves when it is empty. */
  end(): Promise<void>;
};

/** Where groups are made, or why none are. */
type Place = { folder: string } | { reason: string };

const prefix = "reprise-";
/** Names of groups tell the process that made them. */
const madeBy = new RegExp(`^${prefix}(\\d+)-`);

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? error.code : undefined);

/** The folder of the group that this process is in, and that of the topmost group that is seen here; null where there is none. */
function ownGroup(): { folder: string; top: string } | null {
  const path = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1];
  // Mount points, proc(5): the root within the file system and the place are fields 4 and 5, the kind follows a dash.
  const mount = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .find((line) => line.includes(" - cgroup2 "));
  const [root, top] = mount?.split(" ").slice(3, 5) ?? [];
  if (path === undefined || root === undefined || top === undefined) return null;
  const inside = relative(root, path);
  return inside.startsWith("..") ? null : { folder: join(top, inside), top };
}

/** Files of limits, and what stands in them where there is none. */
const limits = { "memory.max": /^max/, "memory.high": /^max/, "cpu.max": /^max/, "cpuset.cpus": /^\s*$/ };

/**
 * The file that limits memory or processors of a group, in its folder or in one above up to `top`; null where none does. Libraries
 * look for such limits from the group that they are in, and choose threads and memory by them: from within a group of its own, which
 * has no such files, a trainer might not find them, and compute otherwise.
 */
export function limitOf({ folder, top }: { folder: string; top: string }): string | null {
  for (let at = folder; ; at = dirname(at)) {
    for (const [name, none] of Object.entries(limits)) {
      const file = join(at, name);
      if (existsSync(file) && !none.test(readFileSync(file, "utf8"))) return file;
    }
    if (at === top || at === dirname(at)) return null;
  }
}

/** Removes groups that a process left behind which was killed. Those of a process that lives may be empty for a moment. */
export function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    const maker = madeBy.exec(name)?.[1];
    if (maker !== undefined && !isAlive(Number(maker))) remove(join(folder, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

function remove(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return !existsSync(folder);
  }
}

function findPlace(): Place {
  try {
    const own = ownGroup();
    if (own === null) return { reason: "this process is in no group of version 2" };
    const limit = limitOf(own);
    if (limit !== null) return { reason: `${limit} has a limit that libraries read` };
    removeAbandoned(own.folder);
    return { folder: own.folder };
  } catch (error) {
    return { reason: wordsOf(error) };
  }
}

/** Undefined before anybody has looked. */
let known: Place | undefined;

/** Where control groups of trainers are made, or why none are, as far as is known by now: a first group may still be refused. */
export function placeOfControlGroups(): Place {
  known ??= findPlace();
  return known;
}

const looks = 100;
const lookEveryMs = 10;

/**
 * Puts a process that has just been started into a group of its own. Null where the machine has no such groups, this user may not make
 * any, or the group of this process has limits.
 */
export function controlGroupOf(pid: number): ControlGroup | null {
  const place = placeOfControlGroups();
  if ("reason" in place) return null;
  const folder = join(place.folder, `${prefix}${process.pid}-${randomUUID()}`);
  const kill = join(folder, "cgroup.kill");
  try {
    mkdirSync(folder);
    // Since Linux 5.14.
    if (!existsSync(kill)) throw new Error("the kernel kills no groups");
    writeFileSync(join(folder, "cgroup.procs"), String(pid));
  } catch (error) {
    remove(folder);
    // The process may have ended already, or somebody may have removed the group; anything else will be no better for the next.
    if (!["ESRCH", "ENOENT"].includes(String(codeOf(error)))) known = { reason: wordsOf(error) };
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
