import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type ControlGroup, controlGroupOf } from "./control-group.js";

/** Stands in the environment of a trainer, and so of all that it starts: by it they are known, wherever they went. */
const markName = "REPRISE_EXECUTION";
const marks = new WeakMap<ChildProcess, { mark: string; group: ControlGroup | null }>();

/** Starts a process that leads a session of its own, by `start`, with a mark in its environment, and in a control group where that can be. */
export function startMarked<Child extends ChildProcess>(
  environment: Record<string, string>,
  start: (environment: Record<string, string>) => Child,
): Child {
  const mark = `${markName}=${randomUUID()}`;
  const child = start({ ...environment, [markName]: mark.slice(markName.length + 1) });
  const group = child.pid === undefined ? null : controlGroupOf(child.pid);
  marks.set(child, { mark, group });
  // Also of one that waited for a run and got none.
  child.once("exit", () => void group?.end());
  return child;
}

/** The mark as a variable, for a process that is started with an environment which does not come from its parent. */
export function markOf(child: ChildProcess): Record<string, string> {
  const mark = marks.get(child)?.mark;
  return mark === undefined ? {} : { [markName]: mark.slice(markName.length + 1) };
}

/** One that is being forked while we look is found by the next look; so many find whatever can be found. */
const looks = 20;
const lookEveryMs = 10;

/**
 * Kills what descends from a process that has ended and left its process group: by its control group where it has one; by its
 * session, or by the mark in its environment. Without a control group a descendant that left the session and cleared its
 * environment is not found, nor is any off Linux.
 */
export async function killStrays(child: ChildProcess): Promise<void> {
  const known = marks.get(child);
  if (child.pid === undefined || known === undefined) return;
  const { mark, group } = known;
  await group?.end();
  for (let look = 0; look < looks; look += 1) {
    const found = straysOf(child.pid, mark);
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
    await delay(lookEveryMs);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

function straysOf(session: number, mark: string): number[] {
  return processNumbers().filter(
    (pid) => pid !== process.pid && (sessionOf(pid) === session || environmentOf(pid).includes(mark)),
  );
}

/** From /proc, proc(5); none where there is no such folder. */
function processNumbers(): number[] {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

/** The session of a process; null of one that has ended, also where nobody has waited for it yet. */
function sessionOf(pid: number): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, second field, stands in brackets and may contain spaces; state, parent, group and session follow.
    const [state, , , session] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? null : Number(session);
  } catch {
    return null;
  }
}

/** What a process of this user was started with. */
function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}
