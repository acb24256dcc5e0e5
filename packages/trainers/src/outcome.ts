import { constants } from "node:os";
import type { TrainerEvent } from "@reprise/contracts";
import type { Hello } from "./protocol-check.js";

export type Done = Extract<TrainerEvent, { type: "done" }>;
type TrainerErrorEvent = Extract<TrainerEvent, { type: "error" }>;

/** How the execution of a trainer ended. */
export type TrainerOutcome =
  | { status: "succeeded"; hello: Hello; done: Done }
  | { status: "cancelled"; reason: unknown }
  | {
      status: "failed";
      /**
       * `user`: the run as asked for cannot work, another attempt would fail alike. `infrastructure`: it may work
       * elsewhere or later.
       */
      kind: "user" | "infrastructure";
      message: string;
      hint: string | null;
      /** The program could not even be started: says something about this machine, not about the run. */
      started: boolean;
    };

/** Everything that was observed of one execution, from which its outcome follows. */
export type Observation = {
  hello: Hello | null;
  done: Done | null;
  error: TrainerErrorEvent | null;
  /** A breach of the protocol or of the requested configuration: the trainer was ended for it. */
  breach: string | null;
  /** The event pipe or the standard streams broke (not: ended). */
  lostPipe: Error | null;
  /** Set when the caller asked the trainer to stop before it was done. */
  cancelled: { reason: unknown } | null;
  spawnError: Error | null;
  /** The trainer was ended by us because it stayed on after `done`. */
  lingered: boolean;
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  lastStderr: readonly string[];
};

const outOfMemory =
  /out of memory|MemoryError|Cannot allocate memory|heap limit|ENOMEM|std::bad_alloc|RESOURCE_EXHAUSTED/i;

/** A shell reports a command that was killed by signal n as exit code 128 + n. */
function signalOfExitCode(code: number): string | null {
  if (code <= 128) return null;
  return Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0] ?? null;
}

function stderrHint(lines: readonly string[]): string | null {
  return lines.length === 0 ? null : `Last lines on stderr:\n${lines.join("\n")}`;
}

/** The outcome that follows from what was observed; the first rule that applies decides. */
export function judge(seen: Observation): TrainerOutcome {
  const failed = (
    kind: "user" | "infrastructure",
    message: string,
    hint: string | null = stderrHint(seen.lastStderr),
  ): TrainerOutcome => ({ status: "failed", kind, message, hint, started: seen.spawnError === null });

  if (seen.spawnError) {
    return failed("infrastructure", `The trainer could not be started: ${seen.spawnError.message}`, null);
  }
  if (seen.cancelled) return { status: "cancelled", reason: seen.cancelled.reason };
  if (seen.breach) return failed("user", seen.breach);
  if (seen.error) return failed(seen.error.kind, seen.error.message, seen.error.hint ?? null);
  if (seen.lingered && seen.hello && seen.done) {
    return { status: "succeeded", hello: seen.hello, done: seen.done };
  }

  const { exitCode, signal } = seen;
  const killedBy = signal ?? (exitCode === null ? null : signalOfExitCode(exitCode));
  if (killedBy) {
    const guess = killedBy === "SIGKILL" ? " (most often: the machine ran out of memory)" : "";
    return failed("infrastructure", `The trainer was killed by ${killedBy}${guess}.`);
  }
  if (exitCode !== 0) {
    const memory = seen.lastStderr.some((line) => outOfMemory.test(line));
    return memory
      ? failed("infrastructure", `The trainer ran out of memory and ended with exit code ${exitCode}.`)
      : failed("user", `The trainer ended with exit code ${exitCode} without an error event.`);
  }
  if (seen.lostPipe)
    return failed("infrastructure", `The trainer's event pipe was lost: ${seen.lostPipe.message}`);
  if (!seen.hello) return failed("user", "The trainer ended without a hello event.");
  if (!seen.done) return failed("user", "The trainer ended without a done event.");
  return { status: "succeeded", hello: seen.hello, done: seen.done };
}
