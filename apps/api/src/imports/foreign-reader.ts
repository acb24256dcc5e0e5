import { Worker } from "node:worker_threads";
import type {
  ForeignFormat,
  ImportAnswer,
  ImportDecisions,
  ImportPreview,
  ImportRequest,
} from "@reprise/contracts";
import type { Database } from "@reprise/database";
import { ProblemError, type ProblemParts, problem } from "../http/problems.js";
import { createTasks } from "./reader-tasks.js";

export type ReaderTask =
  | { kind: "preview"; as: ForeignFormat | undefined; decisions: ImportDecisions }
  | { kind: "write"; request: ImportRequest };

export type ReaderMessage =
  | { kind: "progress"; written: number; total: number }
  | { kind: "done"; value: unknown }
  | { kind: "problem"; problem: ProblemParts };

type ImportProgress = { written: number; total: number };

/** Reads the files of one import, proposes its design and writes it. */
export type ForeignReader = {
  preview(as: ForeignFormat | undefined, decisions: ImportDecisions): Promise<ImportPreview>;
  write(request: ImportRequest): Promise<ImportAnswer>;
  /** How far the writing is; null where nothing is being written. */
  progress(): ImportProgress | null;
  /** What was read is forgotten, because there are more files now. */
  forget(): Promise<void>;
  close(): Promise<void>;
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

/** A history of ten million points fits; what does not is an error of this import, and not the end of the server. */
const memoryMegabytes = 1_500;

/** A thread of its own for the files of one import, started at the first task; what it read stays in it for the next one. */
export function threadReader(place: { databaseUrl: string; folder: string }): ForeignReader {
  let worker: Worker | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let written: ImportProgress | null = null;
  const stop = async () => {
    const running = worker;
    worker = null;
    await running?.terminate();
  };
  const ask = (task: ReaderTask): Promise<unknown> =>
    new Promise((resolve, reject) => {
      worker ??= new Worker(new URL("./import-thread-entry.mjs", import.meta.url), {
        workerData: place,
        execArgv: [],
        resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes },
      });
      const own = worker;
      const settle = (then: () => void) => {
        own.removeAllListeners();
        then();
      };
      own.on("message", (message: ReaderMessage) => {
        if (message.kind === "progress") written = { written: message.written, total: message.total };
        else if (message.kind === "done") settle(() => resolve(message.value));
        else settle(() => reject(ProblemError.of(message.problem)));
      });
      const broken = (error: Error) => {
        worker = null;
        settle(() => reject(error));
      };
      own.on("error", (error: NodeJS.ErrnoException) =>
        broken(
          error.code === "ERR_WORKER_OUT_OF_MEMORY"
            ? problem(
                "payload-too-large",
                "These runs do not fit into the memory of one import. Import them in parts, by folder.",
              )
            : error,
        ),
      );
      own.on("exit", () => broken(problem("conflict", "The import was discarded while it was being read.")));
      own.postMessage(task);
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
    forget: stop,
    close: stop,
  };
}
