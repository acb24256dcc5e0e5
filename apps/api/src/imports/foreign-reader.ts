import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { ForeignFormat, ImportAnswer, ImportDecisions, ImportPreview } from "@reprise/contracts";
import type { Database } from "@reprise/database";
import { ProblemError, type ProblemParts, problem } from "../http/problems.js";
import { createTasks } from "./reader-tasks.js";
import type { KeyedImport } from "./write-studies.js";

type ReaderTask =
  | { kind: "preview"; as: ForeignFormat | undefined; decisions: ImportDecisions }
  | { kind: "write"; request: KeyedImport };

/** Where an import's files lie, and the database. */
export type ReaderPlace = { databaseUrl: string; folder: string };

/** What is sent to the process of an import. */
export type ReaderOrder = { place: ReaderPlace; task: ReaderTask };

export type ReaderMessage =
  | { kind: "progress"; written: number; total: number }
  | { kind: "done"; value: unknown }
  | { kind: "problem"; problem: ProblemParts };

type ImportProgress = { written: number; total: number };

/** Reads the files of one import, proposes its design and writes it. */
export type ForeignReader = {
  preview(as: ForeignFormat | undefined, decisions: ImportDecisions): Promise<ImportPreview>;
  write(request: KeyedImport): Promise<ImportAnswer>;
  /** How far the writing is; null where nothing is being written. */
  progress(): ImportProgress | null;
  /** What was read is forgotten, because there are more files now. */
  forget(): Promise<void>;
  close(why?: GivenUp): Promise<void>;
};

/** Where the process that asks does the work: for tests, and for machines with no memory to spare. */
export function inlineReader(db: Database, folder: string): ForeignReader {
  const tasks = createTasks(db, folder);
  let written: ImportProgress | null = null;
  return {
    preview: tasks.preview,
    write: async (request) => {
      try {
        return await tasks.write(request, (count, total) => {
          written = { written: count, total };
        });
      } finally {
        written = null;
      }
    },
    progress: () => written,
    forget: async () => tasks.forget(),
    close: async () => tasks.forget(),
  };
}

/** The memory of one import, in MB: histories of fifty million points fit; what does not is an error of this import, and not the end of the server. */
const memoryMegabytes = 1_500;

/** Why an import has no process any more that was at work. */
const givenUp = {
  discarded: () => problem("conflict", "The import was discarded while it was being read."),
  stopping: () =>
    problem(
      "not-ready",
      "The server stops; of the study in work nothing was written. Import the runs again.",
      {
        headers: { "retry-after": "5" },
      },
    ),
};

/** Who ends an import: whoever discards it or adds to its files, or the server's own end. */
export type GivenUp = keyof typeof givenUp;

/** Why a process ended that still had a task. V8 aborts where its memory is used up. */
const endOf = (code: number | null, signal: NodeJS.Signals | null): Error =>
  signal === "SIGABRT" || code === 134
    ? problem(
        "payload-too-large",
        "These runs do not fit into the memory of one import. Import them in parts, by folder.",
      )
    : new Error(
        `The process of an import ended with ${signal ?? code}; its message is in the server's output.`,
      );

/** A process of its own for the files of one import, started at the first task; what it read stays in it for the next one. */
export function processReader(place: ReaderPlace): ForeignReader {
  let child: ChildProcess | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let written: ImportProgress | null = null;
  let ending: GivenUp | null = null;
  const isAlive = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;
  const started = (): ChildProcess => {
    const made = fork(new URL("./import-process-entry.mjs", import.meta.url), {
      execArgv: [`--max-old-space-size=${memoryMegabytes}`, "--max-semi-space-size=8"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    // Told to whoever has a task; between tasks nobody waits for it.
    made.on("error", () => {});
    return made;
  };
  const stop = async (why: GivenUp = "discarded") => {
    const running = child;
    child = null;
    if (running === null || !isAlive(running)) return;
    ending = why;
    const ended = once(running, "exit");
    running.kill("SIGKILL");
    await ended;
  };
  const ask = (task: ReaderTask): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const own = child !== null && isAlive(child) ? child : started();
      child = own;
      ending = null;
      const settle = (then: () => void) => {
        own.off("message", onMessage).off("error", onError).off("exit", onExit);
        then();
      };
      const onMessage = (message: ReaderMessage) => {
        if (message.kind === "progress") written = { written: message.written, total: message.total };
        else if (message.kind === "done") settle(() => resolve(message.value));
        else settle(() => reject(ProblemError.of(message.problem)));
      };
      const onError = (error: Error) => settle(() => reject(error));
      const onExit = (code: number | null, signal: NodeJS.Signals | null) =>
        settle(() => reject(ending ? givenUp[ending]() : endOf(code, signal)));
      own.on("message", onMessage).on("error", onError).on("exit", onExit);
      own.send({ place, task } satisfies ReaderOrder);
    });
  // One task after another: what is read by one is used by the next.
  const queued = (task: ReaderTask): Promise<unknown> => {
    const next = last.then(() => ask(task));
    last = next.catch(() => {});
    return next;
  };
  return {
    preview: async (as, decisions) => (await queued({ kind: "preview", as, decisions })) as ImportPreview,
    write: async (request) => {
      try {
        return (await queued({ kind: "write", request })) as ImportAnswer;
      } finally {
        written = null;
      }
    },
    progress: () => written,
    forget: () => stop(),
    close: stop,
  };
}
