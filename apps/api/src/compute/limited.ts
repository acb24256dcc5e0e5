import { Piscina } from "piscina";
import { ownBytes } from "../http/long-body.js";
import { ProblemError, problem } from "../http/problems.js";
import type { ThreadAnswer } from "./thread.js";

/** A thread that has had nothing to do for so long gives its memory back. */
const idleTimeoutMs = 10_000;

/** The memory of one long input, in MB: what is read of the largest that routes take, with its objects, fits; more is an error of this input. */
const mostMegabytes = 2_000;

/** Bytes that may wait for a thread or be in its hands; one input is always taken. */
const mostBytes = 256 * 1024 * 1024;

const later = (told: string) => problem("not-ready", told, { headers: { "retry-after": "5" } });

const busy = "The server has many long inputs in hand. Send this one again in a moment.";

/** The value of what a thread answered. @throws {ProblemError} */
export function resultOf<T>(answer: ThreadAnswer<T>): T {
  if (answer.ok) return answer.value;
  throw ProblemError.of(answer.problem);
}

/** How the outcome of a task is told. */
type Told = {
  /** What is read, at the start of a sentence. */
  what: string;
  /** What is known of its effect where the thread runs out of memory, as a sentence; empty where it has none. */
  left: string;
  /** What is said where the server stops meanwhile; without it, the server waits. */
  onStop?: string;
};

/**
 * A thread of its own for what takes much memory, one after another, with a limit of it: started where such a thing comes, and ended
 * soon after.
 *
 * @param limits of the memory of one input, and of the bytes of all that are taken and not answered
 */
export function createLimited(
  program: { filename: string; workerData?: object; execArgv: string[] },
  limits = { megabytes: mostMegabytes, bytes: mostBytes },
) {
  const pool = new Piscina<{ bytes: Uint8Array }, unknown>({
    ...{ ...program, minThreads: 0, maxThreads: 1, idleTimeout: idleTimeoutMs },
    resourceLimits: { maxOldGenerationSizeMb: limits.megabytes },
  });
  const stopping = new AbortController();
  let taken = 0;
  return {
    /**
     * @param task its bytes are the thread's from then on
     * @throws {ProblemError} where it is refused, needs too much memory, or waits for too much already
     */
    async run<T>(name: string, task: { bytes: Uint8Array }, { what, left, onStop }: Told): Promise<T> {
      const { length } = task.bytes;
      if (taken > 0 && taken + length > limits.bytes) throw later(busy);
      taken += length;
      const bytes = ownBytes(task.bytes);
      try {
        const answer = await pool.run(
          { ...task, bytes },
          { name, transferList: [bytes.buffer], ...(onStop && { signal: stopping.signal }) },
        );
        return resultOf(answer as ThreadAnswer<T>);
      } catch (error) {
        if (onStop && stopping.signal.aborted) throw later(onStop);
        const isOutOfMemory =
          error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
        if (!isOutOfMemory) throw error;
        const needs = `${what} needs more than ${limits.megabytes} MB of memory to be read.`;
        throw problem("payload-too-large", `${needs} ${left}`.trimEnd());
      } finally {
        taken -= length;
      }
    },
    stop: () => stopping.abort(),
    close: () => pool.destroy(),
  };
}
