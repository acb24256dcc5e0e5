import { writeSync } from "node:fs";
import {
  encodeNumber,
  fieldErrorLine,
  parseWith,
  type RunRequest,
  runRequest,
  type TrainerEvent,
} from "@reprise/contracts";
import { userError } from "./errors.js";

const eventDescriptor = 3;
const nap = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes events as lines on descriptor 3, whole lines only. If nobody reads any more (the worker is gone), the process
 * ends at once: a trainer without a reader must not stay behind.
 */
export function writeEvents(events: readonly TrainerEvent[]): void {
  const bytes = Buffer.from(events.map(toLine).join(""));
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(eventDescriptor, bytes, written);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code !== "EAGAIN") process.exit(1);
      // A full, non-blocking pipe: give the reader a moment.
      Atomics.wait(nap, 0, 0, 2);
    }
  }
}

/** One event as a line; NaN and infinities in their wire form. */
function toLine(event: TrainerEvent): string {
  return `${JSON.stringify(event, (_key, value: unknown) => (typeof value === "number" ? encodeNumber(value) : value))}\n`;
}

/** Whether descriptor 3 can be written to. */
export function hasEventDescriptor(): boolean {
  try {
    writeSync(eventDescriptor, "");
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads the run request from stdin: one JSON document, after which stdin stays open. Calls `closed` when stdin
 * closes, before or after that. Rejects with a user error that names the field for a document that is no request.
 *
 * @returns with it, when the run began, in milliseconds of this process's clock: 0, or when the request came to a process
 *   that had been started ahead of it
 */
export function readRequest(closed: () => void): Promise<{ request: RunRequest; begun: number }> {
  return new Promise((resolve, reject) => {
    let text = "";
    let begun = 0;
    let isAhead = false;
    let parsed = false;
    // The request of a process that was started for it lies in the pipe by now, and comes with the first look.
    setImmediate(() => setImmediate(() => (isAhead = text === "")));
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", (chunk: string) => {
      if (parsed) return;
      if (isAhead && text === "") begun = performance.now();
      text += chunk;
      const complete = chunk.includes("\n") || text.trimEnd().endsWith("}");
      const document = complete ? parseJson(text) : undefined;
      const brokenLine = document === undefined && text.includes("\n") && !text.trimStart().startsWith("{");
      if (document === undefined && !brokenLine) return;
      parsed = true;
      try {
        resolve({ request: checkedRequest(document), begun });
      } catch (error) {
        reject(error);
      }
    });
    const end = () => {
      if (!parsed && text.trim() !== "")
        reject(userError("The run request on stdin is not a complete JSON document."));
      else closed();
    };
    process.stdin.on("end", end);
    process.stdin.on("error", end);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkedRequest(document: unknown): RunRequest {
  if (document === undefined) throw userError("The run request on stdin is not a JSON document.");
  const result = parseWith(runRequest, document);
  if (result.ok) return result.value;
  throw userError(`The run request is not valid: ${result.errors.map(fieldErrorLine).join("; ")}`);
}
