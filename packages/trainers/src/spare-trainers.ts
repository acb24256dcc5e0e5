import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { letOthersFirst } from "./niceness.js";
import { killGroup } from "./process-group.js";
import { startMarked } from "./strays.js";

/** How a trainer's process is started: the same whether its run is known by then or not. */
export type TrainerStart = {
  command: string;
  args: readonly string[];
  environment: Record<string, string>;
  workingDirectory: string | undefined;
  /** How far it lets other programs of the machine go first: 0 to 19. */
  niceness: number;
};

/** Starts a process that leads a group of its own, with pipes for request, output and events. */
export function startTrainer(start: TrainerStart): ChildProcess {
  const { command, args, environment, workingDirectory, niceness } = start;
  const child = startMarked(environment, (env) =>
    spawn(command, args, {
      env,
      cwd: workingDirectory,
      stdio: ["pipe", "pipe", "pipe", "pipe"],
      detached: true,
      windowsHide: true,
    }),
  );
  if (child.pid !== undefined) letOthersFirst(child.pid, niceness);
  return child;
}

/**
 * Trainers that were started before their run is known: they have loaded their code and wait for a request. Each is for one
 * run, and only for one that would be started in the very same way from the very same files.
 */
export type SpareTrainers = {
  /** One that waits for such a run; from then on it is the caller's. Null where there is none. */
  take(start: TrainerStart): ChildProcess | null;
  /**
   * Starts one for the next such run, unless one waits already, the machine is short of memory, or no run is left: whoever asked
   * first whether one follows may come too late.
   */
  prepare(start: TrainerStart): void;
  /** To be called when no run is left: those that wait are ended soon, unless runs come before. */
  rest(): void;
  /** Whether runs may follow; if not, all that wait are ended, and none is started. */
  accept(open: boolean): void;
};

/** So long after the last run they are kept. */
const restMs = 30_000;
/** What must be free for one more: some have loaded a hundred megabytes of libraries. */
const leastFreeBytes = 512 * 1024 * 1024;

type Spare = { child: ChildProcess; forget: () => void };

/** @param most how many may wait at a time; of more, the one that was wanted longest ago is ended */
export function createSpareTrainers(most: number, restFor = restMs): SpareTrainers {
  /** By how they were started, the one that was wanted longest ago first. */
  const waiting = new Map<string, Spare>();
  let timer: NodeJS.Timeout | undefined;
  let isOpen = true;
  let isResting = false;

  const end = ({ child, forget }: Spare) => {
    forget();
    // It has begun nothing: there is nothing that it would have to put in order.
    killGroup(child);
  };
  const clear = () => {
    clearTimeout(timer);
    for (const spare of waiting.values()) end(spare);
  };
  return {
    take(start) {
      isResting = false;
      clearTimeout(timer);
      const spare = waiting.get(keyOf(start));
      if (!spare) return null;
      spare.forget();
      return spare.child;
    },
    prepare(start) {
      if (!isOpen || isResting) return;
      const key = keyOf(start);
      const known = waiting.get(key);
      if (known) {
        waiting.delete(key);
        waiting.set(key, known);
        return;
      }
      if (process.availableMemory() < leastFreeBytes) return;
      const child = startTrainer(start);
      const forget = () => {
        if (waiting.get(key)?.child === child) waiting.delete(key);
      };
      // One that ends while it waits is missed by nobody: the next run starts one of its own.
      child.once("exit", forget);
      child.on("error", forget);
      child.stdin?.on("error", () => {});
      waiting.set(key, { child, forget });
      const [oldest] = waiting.values();
      if (waiting.size > most && oldest) end(oldest);
    },
    rest() {
      isResting = true;
      clearTimeout(timer);
      timer = setTimeout(clear, restFor);
      timer.unref();
    },
    accept(open) {
      isOpen = open;
      if (!open) clear();
    },
  };
}

/** What two starts must share for one process to serve both: words, folder, every variable, and the files of its words. */
function keyOf({ command, args, environment, workingDirectory, niceness }: TrainerStart): string {
  const variables = Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1));
  const files = [command, ...args].map((word) => markOf(resolve(workingDirectory ?? ".", word)));
  return JSON.stringify([command, args, workingDirectory, niceness, variables, files]);
}

/** Changes when a file is written or replaced; null for what is no file that can be looked at. */
function markOf(path: string): string | null {
  try {
    const found = statSync(path);
    return found.isFile() ? `${found.dev} ${found.ino} ${found.size} ${found.mtimeMs}` : null;
  } catch {
    return null;
  }
}
