import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { heartbeat, isDatabaseFull, isReachable, LeaseLostError, releaseAttempt } from "@reprise/database";
import { within } from "@reprise/tracing";
import type { TrainerOutcome } from "@reprise/trainers";
import type { HealthSign } from "../intake/health.js";
import { pause } from "../pause.js";
import { createAttemptWriter } from "./attempt-writer.js";
import { workerError } from "./failure.js";
import { afterFullDisk } from "./full-disk.js";
import { keepLease } from "./lease.js";
import { isShutDown, type StopReason, stopReasonOf } from "./stop-reason.js";
import { type TrainingSetup, train } from "./train.js";
import { writeEnd } from "./write-end.js";
import { performWrite } from "./write-operation.js";

/** How long a stopping worker waits for the database to take what it still has. */
const shutdownWriteMs = 3_000;

/**
 * Executes one claimed attempt: trainer, lease, writing, end. Returns when the attempt has been finished, given
 * back, or taken away, with what its end tells about the worker, if anything. Aborting `stop` with "cancel" or
 * "shutdown" ends the trainer and writes that end; `stopping` tells before that the worker is to end.
 */
export async function runAttempt(
  options: TrainingSetup & { stop: AbortController; stopping: AbortSignal },
): Promise<HealthSign | null> {
  const { db, config, span, stop, log } = options;
  const { ref, run } = options.attempt;
  const place = `${run.id}-${ref.attempt}`;
  const outputDirectory = join(config.dataDirectory, "runs", place);
  const stopFor = (reason: StopReason) => stop.abort(reason);

  let writeFailure: Error | null = null;
  const writer = createAttemptWriter({
    perform: (operation) => performWrite(db, ref, operation),
    isReachable: () => isReachable(db),
    batchMs: config.batchMs,
    spoolDirectory: join(config.dataDirectory, "spool", place),
    onFailure: (error) => {
      writeFailure = error;
      if (!(error instanceof LeaseLostError)) log.error({ err: error }, "results cannot be written");
      stopFor(error instanceof LeaseLostError ? "lease-lost" : "write-failed");
    },
    onOutage: (error) => {
      const what = isDatabaseFull(error)
        ? "the disk of the database is full"
        : "the database does not answer";
      log.warn({ err: error }, `${what}; training goes on, results wait`);
    },
    onRecovery: () => log.info("the database takes results again"),
  });
  const lease = keepLease({
    beat: () => heartbeat(db, ref, config.leaseMs),
    everyMs: config.heartbeatMs,
    onCancel: () => stopFor("cancel"),
    onLost: () => stopFor("lease-lost"),
    onSilence: (error) => log.warn({ err: error }, "heartbeat failed"),
  });
  const traceOutcome = (outcome: TrainerOutcome["status"] | "given back" | "taken away" | "not written") =>
    span.set({ "reprise.run.outcome": outcome });
  const giveBack = async (why: string) => {
    traceOutcome("given back");
    await Promise.race([writer.drain().catch(() => {}), pause(shutdownWriteMs)]);
    await Promise.race([releaseAttempt(db, ref, why), pause(shutdownWriteMs)]);
    log.info("attempt given back");
  };

  try {
    const training = await train(options, { outputDirectory, writer, stop: stop.signal }).catch((error) => ({
      outcome: workerError(error),
      energy: null,
    }));
    const reason = stopReasonOf(stop.signal);
    if (reason === "lease-lost") {
      traceOutcome("taken away");
      log.warn("the attempt was taken away; its trainer was ended and its results are dropped");
      return null;
    }
    if (
      (training.outcome.status === "cancelled" && reason === "shutdown") ||
      (training.outcome.status === "failed" &&
        training.outcome.asIfStopped &&
        (await isShutDown(stop.signal, options.stopping)))
    ) {
      await giveBack(`The worker ${config.name} was stopped.`);
      return null;
    }
    const outcome = await afterFullDisk(training.outcome, { ...config, outputDirectory, log });
    if (outcome === "no-room") {
      await giveBack(`The disk of the worker ${config.name} was full.`);
      return { sweepId: run.sweepId, result: "no-room", started: true };
    }
    const written = await within(span, "write end", () =>
      writeEnd(db, ref, { training: { ...training, outcome }, writer, writeFailure }),
    );
    traceOutcome(written.status);
    if (written.status === "failed") span.fail(written.kind);
    log.info(
      { outcome: written.status, ...(written.status === "failed" && { reason: written.message }) },
      "attempt ended",
    );
    return signOf(run.sweepId, written);
  } catch (error) {
    traceOutcome(error instanceof LeaseLostError ? "taken away" : "not written");
    if (error instanceof LeaseLostError)
      log.warn("the attempt was taken away before its end could be written");
    else log.error({ err: error }, "the end of the attempt could not be written");
    return null;
  } finally {
    // Either may hang in a connection that has been lost.
    await Promise.race([lease.stop(), pause(shutdownWriteMs)]);
    await Promise.race([writer.abandon(), pause(shutdownWriteMs)]);
    // Only when the trainer left nothing there.
    await rmdir(outputDirectory).catch(() => {});
  }
}

function signOf(sweepId: string | null, outcome: TrainerOutcome): HealthSign | null {
  if (outcome.status === "cancelled") return null;
  if (outcome.status === "failed" && outcome.kind === "infrastructure" && outcome.ifAgain?.isUndecided)
    return null;
  return outcome.status === "succeeded"
    ? { sweepId, result: "succeeded", started: true }
    : { sweepId, result: outcome.kind, started: outcome.started };
}
