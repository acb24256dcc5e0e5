import { parentPort, workerData } from "node:worker_threads";
import { connectDatabase } from "@reprise/database";
import { z } from "zod";
import { ProblemError } from "../http/problems.js";
import type { ReaderMessage, ReaderTask } from "./foreign-reader.js";
import { createTasks } from "./reader-tasks.js";

// The thread of one import: it keeps what it has read between preview and import.

const { databaseUrl, folder } = z.object({ databaseUrl: z.string(), folder: z.string() }).parse(workerData);
const tasks = createTasks(connectDatabase({ url: databaseUrl, maxConnections: 2 }), folder);
const send = (message: ReaderMessage) => parentPort?.postMessage(message);

const answer = (task: ReaderTask) =>
  task.kind === "preview"
    ? tasks.preview(task.as, task.decisions)
    : tasks.write(task.request, (written, total) => send({ kind: "progress", written, total }));

parentPort?.on("message", (task: ReaderTask) => {
  answer(task).then(
    (value) => send({ kind: "done", value }),
    (error: unknown) => {
      if (!(error instanceof ProblemError)) throw error;
      send({ kind: "problem", problem: error.parts() });
    },
  );
});
