import type { Parameters, TrainerEvent } from "@reprise/contracts";
import { outOfMemoryWords, type Repetition, readLastWords } from "./last-words.js";
import type { Hello } from "./protocol-check.js";
import { isPassedOnStop, isStopSignal, saysStopped, signalOfExitCode } from "./stopped.js";

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
      /** What to do about it. */
      hint: string | null;
      /** What it wrote to stderr last. */
      lastLines: readonly string[];
      /** The program could not even be started: says something about this machine, not about the run. */
      started: boolean;
      /** It ended as programs do that are told to stop, though not by us: perhaps all of this machine's job was. */
      asIfStopped?: boolean;
      /** It says, or may mean, that a disk, or a quota, had no room for what it wrote; which one is not known. */
      diskFull?: boolean;
      /** Memory was short, perhaps for others' sake. Where it is short again, the run needs more than there is. */
      ifAgain?: Repetition;
    };

type TrainerFailure = Extract<TrainerOutcome, { status: "failed" }>;

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

/** What is said of a trainer that something outside it has killed: on Linux mostly the kernel, to get its memory back. */
const killedMessage = "The trainer was killed by SIGKILL (most often: the machine ran out of memory).";

const killedAgain: Repetition = {
  isUndecided: false,
  startOfMessage: killedMessage,
  message: "The trainer was killed by SIGKILL twice: most likely it needs more memory than there is.",
  hint: "Choose a smaller batch size or a smaller model, or a machine with more memory. Where somebody else killed it, retry the run.",
};

/** The machine had no memory left for anybody: says nothing about this run alone. */
const machineOutOfMemory = /Cannot allocate memory|ENOMEM/;

/** The words of every program, and the codes of Node, for a disk or a quota that is used up. */
const diskFull = /No space left on device|\bENOSPC\b|Disk quota exceeded|\bEDQUOT\b/;

/**
 * What libraries say that pass over why a write failed: PyTorch's `torch.save` and `torch.jit.save`, NumPy's `save`. On a disk that
 * has room it is something else; who knows the disk decides.
 */
const perhapsDiskFull =
  /basic_ios::clear: iostream error|PytorchStreamWriter failed writing file|unexpected pos \d+ vs \d+|\b\d+ requested and \d+ written\b/;

/** The outcome that follows from what was observed. */
export function judge(seen: Observation, parameters: Parameters): TrainerOutcome {
  const outcome = judgeEnd(seen, parameters);
  // For a breach it was stopped by us.
  if (outcome.status !== "failed" || seen.breach || !endedAsIfStopped(seen)) return outcome;
  return { ...outcome, asIfStopped: true };
}

/** Whether it ended as programs do that are told to stop. Some handle that, and end by an exception or an error of their own. */
function endedAsIfStopped({ spawnError, error, exitCode, signal, lastStderr }: Observation): boolean {
  if (spawnError) return false;
  const killedBy = signal ?? (exitCode === null ? null : signalOfExitCode(exitCode));
  return (
    (killedBy !== null && isStopSignal(killedBy)) ||
    // Half of a training: nothing says that all went well.
    (exitCode === 0 && !error) ||
    (exitCode !== null && isPassedOnStop(exitCode)) ||
    (error !== null && saysStopped(error.message)) ||
    lastStderr.some(saysStopped)
  );
}

/** The first rule that applies decides. */
function judgeEnd(seen: Observation, parameters: Parameters): TrainerOutcome {
  const failed = (
    kind: "user" | "infrastructure",
    message: string,
    hint: string | null = null,
  ): TrainerFailure => ({
    ...{ status: "failed", kind, message, hint },
    ...{ lastLines: seen.lastStderr, started: seen.spawnError === null },
  });

  if (seen.spawnError) {
    return failed("infrastructure", `The trainer could not be started: ${seen.spawnError.message}`);
  }
  if (seen.cancelled) return { status: "cancelled", reason: seen.cancelled.reason };
  if (seen.breach) return failed("user", seen.breach);
  if (seen.error) {
    const { kind, message, hint = null } = seen.error;
    return { ...failed(kind, message, hint), ...(diskFull.test(message) && { diskFull: true }) };
  }
  if (seen.lingered && seen.hello && seen.done) {
    return { status: "succeeded", hello: seen.hello, done: seen.done };
  }

  const { exitCode, signal, lastStderr } = seen;
  const killedBy = signal ?? (exitCode === null ? null : signalOfExitCode(exitCode));
  if (killedBy) {
    if (killedBy === "SIGKILL") return { ...failed("infrastructure", killedMessage), ifAgain: killedAgain };
    const failure = failed("infrastructure", `The trainer was killed by ${killedBy}.`);
    // A library in C++ ends its process where it cannot write in its turn.
    if (
      killedBy === "SIGABRT" &&
      lastStderr.some((line) => diskFull.test(line) || perhapsDiskFull.test(line))
    )
      return { ...failure, diskFull: true };
    return failure;
  }
  if (exitCode !== 0) return judgeExit(seen, parameters, failed);
  if (seen.lostPipe)
    return failed("infrastructure", `The trainer's event pipe was lost: ${seen.lostPipe.message}`);
  if (!seen.hello) return failed("user", "The trainer ended without a hello event.");
  if (!seen.done) return failed("user", "The trainer ended without a done event.");
  return { status: "succeeded", hello: seen.hello, done: seen.done };
}

/** A program that ended by itself, but not well. */
function judgeExit(
  { exitCode, lastStderr }: Observation,
  parameters: Parameters,
  failed: (kind: "user" | "infrastructure", message: string, hint?: string) => TrainerFailure,
): TrainerFailure {
  const { exception, causes, lastLine, outOfMemory } = readLastWords(lastStderr);
  if (outOfMemory) {
    const { message, hint, ifAgain } = outOfMemoryWords(parameters, outOfMemory);
    // Asked for again, it would be too much again, unless others had it.
    return ifAgain ? { ...failed("infrastructure", message, hint), ifAgain } : failed("user", message, hint);
  }
  if (lastStderr.some((line) => machineOutOfMemory.test(line))) {
    return failed(
      "infrastructure",
      `The machine had no memory left; the trainer ended with exit code ${exitCode}.`,
    );
  }
  const words = exception ?? `The trainer ended with exit code ${exitCode} without an error event.`;
  // What was printed before may have been dealt with.
  const noRoom = [exception ?? lastLine, ...causes].find((line) => diskFull.test(line));
  if (noRoom === undefined) {
    const mayBe = [exception ?? lastLine, ...causes].some((line) => perhapsDiskFull.test(line));
    return { ...failed("user", words), ...(mayBe && { diskFull: true }) };
  }
  const message = words === noRoom ? words : `${words} (${noRoom})`;
  return { ...failed("infrastructure", message), diskFull: true };
}
