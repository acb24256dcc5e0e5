import { connectDatabase } from "@reprise/database";
import { passingProblem } from "../http/passing-failures.js";
import { ProblemError } from "../http/problems.js";
import type { ReaderMessage, ReaderOrder } from "./foreign-reader.js";
import { createTasks, type ReaderTasks } from "./reader-tasks.js";

// The process of one import: it keeps what it has read between preview and import, and ends with the server.

let tasks: ReaderTasks | undefined;
const send = (message: ReaderMessage) => void process.send?.(message);

function answer({ place: { databaseUrl, folder }, task }: ReaderOrder): Promise<unknown> {
  tasks ??= createTasks(connectDatabase({ url: databaseUrl, kind: "import", maxConnections: 2 }), folder);
  return task.kind === "preview"
    ? tasks.preview(task.as, task.decisions)
    : tasks.write(task.request, (written, total) => send({ kind: "progress", written, total }));
}

process.on("message", (order: ReaderOrder) => {
  answer(order).then(
    (value) => send({ kind: "done", value }),
    (error: unknown) => {
      const told = error instanceof ProblemError ? error : passingProblem(error);
      if (told === null) throw error;
      send({ kind: "problem", problem: told.parts() });
    },
  );
});
// What it was writing is taken back by the database.
process.on("disconnect", () => process.exit(1));
