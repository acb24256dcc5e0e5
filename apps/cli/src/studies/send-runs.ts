import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import {
  encodeNumber,
  type ForeignRun,
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
import { createTidying } from "@reprise/importers";
import { z } from "zod";
import type { ApiClient } from "../server/api-client.js";

const text = (value: unknown) =>
  JSON.stringify(value, (_name, item: unknown) => (typeof item === "number" ? encodeNumber(item) : item));

/** Numbers as a list of JSON. Most are finite, and then nothing looks at each in turn. */
const listText = (list: readonly number[]) =>
  list.every(Number.isFinite) ? JSON.stringify(list) : text(list);

/** A run as a line. Lists that several metrics of it share are written out once. */
function runLine({ metrics, ...run }: ForeignRun): string {
  const known = new Map<readonly number[], string>();
  const shared = (list: readonly number[]) => {
    const written = known.get(list) ?? listText(list);
    known.set(list, written);
    return written;
  };
  const histories = Object.entries(metrics).map(([name, { steps, values, times, ...rest }]) => {
    const lists = `"steps":${shared(steps)},"values":${listText(values)}${times ? `,"times":${shared(times)}` : ""}`;
    return `${JSON.stringify(name)}:{${lists},${text(rest).slice(1)}`;
  });
  return `{"metrics":{${histories.join(",")}},${text(run).slice(1)}\n`;
}

function* linesOf({ runs, ...head }: ForeignRuns): Generator<string> {
  yield `${text(head)}\n`;
  for (const run of runs) yield runLine(run);
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
  const tidy = createTidying();
  let sent = 0;
  const counted = function* () {
    for (const line of linesOf(read)) {
      yield Buffer.from(line);
      if (sent % 100 === 0) tidy();
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
