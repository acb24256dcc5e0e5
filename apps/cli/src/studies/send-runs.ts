import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import {
  encodeNumber,
  type ForeignRuns,
  type ImportAnswer,
  type ImportDecisions,
  type ImportPreview,
  type ImportRequest,
  importAnswer,
  importPreview,
  importSession,
  uploadedFile,
} from "@reprise/contracts";
import { z } from "zod";
import type { ApiClient } from "../server/api-client.js";

const text = (value: unknown) =>
  `${JSON.stringify(value, (_name, item: unknown) => (typeof item === "number" ? encodeNumber(item) : item))}\n`;

function* linesOf({ runs, ...head }: ForeignRuns): Generator<string> {
  yield text(head);
  for (const run of runs) yield text(run);
}

/** A line that says how far something is, drawn over itself; nothing where the output is no terminal. */
function progressBar(label: string) {
  const isShown = process.stderr.isTTY;
  return {
    draw: (done: number, total: number) => {
      const filled = total === 0 ? 30 : Math.round((30 * done) / total);
      if (isShown)
        process.stderr.write(
          `\r${label} ${"█".repeat(filled)}${"░".repeat(30 - filled)} ${done} of ${total} `,
        );
    },
    end: () => {
      if (isShown) process.stderr.write("\n");
    },
  };
}

const progress = z.strictObject({ written: z.int(), total: z.int() }).nullable();

/** An import on the server, of runs that were read here. */
export type RemoteImport = {
  preview(decisions: ImportDecisions): Promise<ImportPreview>;
  write(request: ImportRequest): Promise<ImportAnswer>;
  discard(): Promise<void>;
};

/** Sends runs to the server, which keeps them beside the database until they are written or discarded. */
export async function sendRuns(api: ApiClient, read: ForeignRuns): Promise<RemoteImport> {
  const { id } = await api.post("/imports", undefined, importSession);
  const bar = progressBar("sending");
  let sent = 0;
  const counted = function* () {
    for (const line of linesOf(read)) {
      yield Buffer.from(line);
      bar.draw(Math.min(sent++, read.runs.length), read.runs.length);
    }
  };
  const discard = () => api.remove(`/imports/${id}`);
  try {
    await api.send(`/imports/${id}/runs`, Readable.from(counted()), "application/x-ndjson", uploadedFile);
  } catch (error) {
    await discard();
    throw error;
  } finally {
    bar.end();
  }
  return {
    discard,
    preview: (decisions) => api.post(`/imports/${id}/preview`, { decisions }, importPreview),
    write: async (request) => {
      const writing = progressBar("writing");
      const ended = new AbortController();
      const watch = async () => {
        while (!ended.signal.aborted) {
          await delay(500, undefined, { signal: ended.signal });
          const far = await api.get(`/imports/${id}`, progress);
          if (far) writing.draw(far.written, far.total);
        }
      };
      const watching = watch().catch(() => {});
      try {
        return await api.post(`/imports/${id}/studies`, request, importAnswer);
      } finally {
        ended.abort();
        await watching;
        writing.end();
      }
    },
  };
}
