import type { ChildProcess } from "node:child_process";
import { Readable } from "node:stream";
import type { RunRequest, TrainerEvent } from "@reprise/contracts";
import { type Line, linesOf, shorten } from "./lines.js";
import { judge, type Observation, type TrainerOutcome } from "./outcome.js";
import { endGroup, killGroup } from "./process-group.js";
import { parameterMismatch, parseEventLine, sequenceBreach } from "./protocol-check.js";
import { type SpareTrainers, startTrainer } from "./spare-trainers.js";
import { killStrays } from "./strays.js";
import { TemplateError } from "./template/command-template.js";
import type { TrainerCommand } from "./trainer-command.js";
import { type TrainerProcess, trainerProcess } from "./trainer-process.js";

export type TrainerLog = { stream: "stdout" | "stderr" | "trainer" | "worker"; at: Date; text: string };

export type RunTrainerOptions = {
  trainer: TrainerCommand;
  request: RunRequest;
  /** The environment of the process (`trainerEnvironment`); nothing is inherited beside it. */
  environment: Record<string, string>;
  /** How far it lets other programs of the machine go first, 0 to 19 (default 0). */
  niceness?: number;
  /** Gets every valid event but `log`, in order. The trainer is held back while a returned promise is pending. */
  onEvent: (event: Exclude<TrainerEvent, { type: "log" }>) => void | Promise<void>;
  /** Gets printed lines, `log` events and remarks of the runner. Also held back by a promise. */
  onLog: (log: TrainerLog) => void | Promise<void>;
  /** Told right after the start, and again where a spare had died and another process trains the run. */
  onStart?: (pid: number) => void;
  /**
   * Where the process may come from, and where one waits for the next run: that is prepared when the run has begun, and again when it
   * is done, unless one waits. Absent for a trainer that must be started with its run.
   */
  spares?: Pick<SpareTrainers, "take" | "prepare">;
  /** Abort asks the trainer to stop: SIGTERM, `graceMs` of patience, then SIGKILL to its whole process group. */
  signal?: AbortSignal;
  graceMs?: number;
  /** A trainer that said `done` but does not exit is ended after this time (default 30 s); its result counts. */
  lingerMs?: number;
  /**
   * Once the trainer has exited, pipes that descendants still hold are closed after so long without a line
   * (default 5 s).
   */
  drainMs?: number;
  /** Longest event line, in bytes (default 256 MiB: predictions of a large test set are one line). */
  maxEventBytes?: number;
  /** Longest log line that is kept, in bytes (default 8 KiB). */
  maxLogBytes?: number;
};

/** Bytes of an event line that is too long: it is shown, not read. */
const startOfLongLine = 4 * 1024;

/** Enough for the end of most tracebacks. */
const maxStderrLines = 40;

/**
 * Runs one trainer to its end. It leads a process group of its own, gets the request as one line of JSON on stdin,
 * which stays open as long as this process lives, and writes NDJSON events on descriptor 3. For a program that does not
 * speak the protocol, `hello` is said before it starts, and `done` when it has ended with exit code 0; it may write the
 * other events, and the digest of its final weights is then that of `done`.
 *
 * Never rejects because of anything the trainer does: every end is a `TrainerOutcome`. Rejects when `onEvent` or
 * `onLog` do, after the trainer was ended.
 */
export async function runTrainer(options: RunTrainerOptions): Promise<TrainerOutcome> {
  const { trainer, request, signal, graceMs = 10_000, lingerMs = 30_000, drainMs = 5_000 } = options;
  const seen: Observation = {
    hello: null,
    done: null,
    error: null,
    breach: null,
    lostPipe: null,
    cancelled: null,
    spawnError: null,
    lingered: false,
    exitCode: null,
    signal: null,
    lastStderr: [],
  };
  if (signal?.aborted) return { status: "cancelled", reason: signal.reason };

  let start: TrainerProcess;
  try {
    start = trainerProcess(trainer, request, options.environment);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const message = `Trainer ${trainer.name} ${error.message}.`;
    return { status: "failed", kind: "user", message, hint: null, lastLines: [], started: true };
  }
  if (start.spokenFor) {
    seen.hello = start.spokenFor;
    await options.onEvent(start.spokenFor);
  }
  const startedAt = performance.now();
  const started = { ...start, workingDirectory: trainer.workingDirectory, niceness: options.niceness ?? 0 };
  const spare = options.spares?.take(started) ?? null;
  const child = spare ?? startTrainer(started);
  const exited = awaitExit(child, seen);
  if (child.pid === undefined) {
    await exited;
    return judge(seen, request.parameters);
  }
  options.onStart?.(child.pid);

  const callerErrors: unknown[] = [];
  /** Lines that are being handled, and lines handled so far: whether the pipes are still being emptied. */
  const progress = { busy: 0, lines: 0 };
  let linger: NodeJS.Timeout | undefined;
  const stop = () => void endGroup(child, graceMs);
  const onAbort = () => {
    // What has been decided before stays: a result that is complete is not thrown away.
    if (seen.done) return;
    if (!seen.breach && !seen.error) seen.cancelled = { reason: signal?.reason };
    stop();
  };
  signal?.addEventListener("abort", onAbort, { once: true });

  const log = (stream: TrainerLog["stream"], text: string) => options.onLog({ stream, at: new Date(), text });
  const breach = (message: string) => {
    seen.breach ??= message;
    stop();
  };

  const unknownTypes = new Set<string>();
  let finalDigest: string | null = null;
  let hasResult = false;
  const handleEventLine = async (line: Line) => {
    if (seen.breach || line.text.trim() === "") return;
    if (line.isTorn && parseEventLine(line.text).kind === "malformed") {
      // Whoever is killed while it writes says half of something.
      await exited;
      if (isDeath(seen)) return;
    }
    if (line.cut > 0) {
      return breach(
        `The trainer wrote an event line that is ${line.cut} bytes too long: ${shorten(line.text)}`,
      );
    }
    const parsed = parseEventLine(line.text);
    if (parsed.kind === "malformed") return breach(parsed.message);
    if (parsed.kind === "unknown") {
      if (unknownTypes.has(parsed.type) || unknownTypes.size >= 20) return;
      unknownTypes.add(parsed.type);
      return log("worker", `Events of unknown type "${shorten(parsed.type, 60)}" are ignored.`);
    }
    const { event } = parsed;
    const outOfOrder = sequenceBreach(event, { hello: seen.hello, done: seen.done !== null }, request);
    if (outOfOrder) return breach(outOfOrder);
    if (event.type === "log") return log("trainer", `${event.level}: ${event.message}`);
    if (event.type === "error") seen.error ??= event;
    hasResult ||= event.type === "metric" || event.type === "predictions" || event.type === "digest";
    if (event.type === "digest" && event.kind === "finalWeights") finalDigest = event.digests.at(-1) ?? null;
    if (event.type === "done") {
      seen.done = event;
      options.spares?.prepare(started);
      linger = setTimeout(() => {
        seen.lingered = true;
        stop();
      }, lingerMs);
    }
    if (event.type === "hello") {
      seen.hello = event;
      const mismatch = parameterMismatch(request.parameters, event);
      await options.onEvent(event);
      if (mismatch) breach(`Effective configuration differs from the requested one: ${mismatch}`);
      return;
    }
    return options.onEvent(event);
  };
  const handleLogLine = async (stream: "stdout" | "stderr", line: Line) => {
    const text = line.cut > 0 ? `${line.text}… (${line.cut} more bytes)` : line.text;
    if (stream === "stderr")
      seen.lastStderr = [...seen.lastStderr, shorten(text, 500)].slice(-maxStderrLines);
    await log(stream, text);
  };

  const [, stdout, stderr, events] = child.stdio;
  const consume = async (
    pipe: unknown,
    maxBytes: number,
    handle: (line: Line) => Promise<void>,
    startBytes?: number,
  ): Promise<void> => {
    if (!(pipe instanceof Readable)) throw new Error("The trainer has no pipes.");
    const lines = linesOf(pipe, maxBytes, startBytes);
    for (;;) {
      let next: IteratorResult<Line, void>;
      try {
        next = await lines.next();
      } catch (error) {
        // Destroyed by us after the exit, or broken: only the second is news.
        if (seen.exitCode === null && seen.signal === null) seen.lostPipe ??= asError(error);
        return;
      }
      if (next.done) return;
      if (callerErrors.length > 0) continue;
      progress.busy += 1;
      try {
        await handle(next.value);
      } catch (error) {
        callerErrors.push(error);
        stop();
      }
      progress.busy -= 1;
      progress.lines += 1;
    }
  };
  const logBytes = options.maxLogBytes ?? 8 * 1024;
  const consumed = Promise.all([
    consume(stdout, logBytes, (line) => handleLogLine("stdout", line)),
    consume(stderr, logBytes, (line) => handleLogLine("stderr", line)),
    consume(events, options.maxEventBytes ?? 256 * 1024 * 1024, handleEventLine, startOfLongLine),
  ]);
  sendRequest(child, request);
  options.spares?.prepare(started);

  await exited;
  signal?.removeEventListener("abort", onAbort);
  killGroup(child);
  await killStrays(child);
  let linesBefore = progress.lines;
  const patience = setInterval(() => {
    // A receiver that takes its time still gets everything; a descendant that keeps the pipes open does not hold us.
    const idle = progress.busy === 0 && progress.lines === linesBefore;
    linesBefore = progress.lines;
    if (!idle) return;
    for (const pipe of [stdout, stderr, events]) if (pipe instanceof Readable) pipe.destroy();
  }, drainMs);
  await consumed;
  clearInterval(patience);
  clearTimeout(linger);
  child.stdin?.destroy();
  if (callerErrors.length > 0) throw callerErrors[0];
  if (spare && progress.lines === 0 && !seen.cancelled && isDeath(seen)) {
    // It had died, or was dying, when it was taken: the run has not begun.
    const { spares: _, ...withoutSpare } = options;
    return runTrainer(withoutSpare);
  }
  if (start.spokenFor && seen.exitCode === 0 && !seen.done && !seen.breach && !seen.cancelled) {
    if (!hasResult)
      await options.onEvent({
        ...{ type: "capture-gap", what: "any result", step: null },
        reason: "The program ended with exit code 0. It reported no metric, no prediction and no digest.",
      });
    const total = (performance.now() - startedAt) / 1000;
    seen.done = { type: "done", digest: finalDigest, selectedEpoch: null, phases: { total } };
    await options.onEvent(seen.done);
  }
  return judge(seen, request.parameters);
}

/** An end that no program chooses. */
function isDeath({ exitCode, signal }: Observation): boolean {
  return exitCode !== 0 || signal !== null;
}

function awaitExit(child: ChildProcess, seen: Observation): Promise<void> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      if (child.pid === undefined) {
        seen.spawnError = error;
        resolve();
      }
    });
    child.once("exit", (code, signal) => {
      seen.exitCode = code;
      seen.signal = signal;
      resolve();
    });
  });
}

function sendRequest(child: ChildProcess, request: RunRequest): void {
  // A trainer that ends without reading is judged by its exit, not by our broken pipe.
  child.stdin?.on("error", () => {});
  child.stdin?.write(`${JSON.stringify(request)}\n`);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
