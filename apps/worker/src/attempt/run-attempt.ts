import { mkdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Energy, Run, StoredRequest } from "@reprise/contracts";
import {
  type AttemptRef,
  type Database,
  evaluationSource,
  finishAttempt,
  heartbeat,
  isReachable,
  knownThumbnails,
  LeaseLostError,
  readReductionOrder,
  releaseAttempt,
} from "@reprise/database";
import {
  createSystemSampler,
  type EnvironmentCollector,
  type Host,
  runTrainer,
  startEnergyMeter,
  type TrainerOutcome,
  trainerEnvironment,
} from "@reprise/trainers";
import type { WorkerConfig } from "../config.js";
import type { Logger } from "../logger.js";
import { storeFile } from "../machine/artifact-store.js";
import { deviceVariables } from "../machine/devices.js";
import type { Slot } from "../machine/slots.js";
import type { RegisteredTrainer } from "../machine/trainers.js";
import { pause } from "../pause.js";
import { createAttemptWriter } from "./attempt-writer.js";
import { createEventRecorder } from "./event-recorder.js";
import { keepLease } from "./lease.js";
import { toRunRequest } from "./prepare-request.js";
import { type FinishOutcome, performWrite } from "./write-operation.js";

/** How long a stopping worker waits for the database to take what it still has. */
const shutdownWriteMs = 3_000;

/** Why a running trainer is asked to stop. */
export type StopReason = "cancel" | "shutdown" | "lease-lost" | "write-failed";

export type Attempt = {
  ref: AttemptRef;
  run: Run;
  stored: StoredRequest;
  resume: { path: string; step: number } | null;
};

/** How an attempt ended, as far as the worker's health is concerned; null when it says nothing about it. */
export type AttemptEnd = { result: "succeeded" | "user" | "infrastructure"; started: boolean } | null;

/**
 * Executes one claimed attempt: trainer, lease, writing, end. Returns when the attempt has been finished, given
 * back, or taken away. Aborting `stop` with "cancel" or "shutdown" ends the trainer and writes that end.
 */
export async function runAttempt(options: {
  db: Database;
  config: WorkerConfig;
  attempt: Attempt;
  trainer: RegisteredTrainer;
  slot: Slot;
  collector: EnvironmentCollector;
  host: Host;
  stop: AbortController;
  log: Logger;
}): Promise<AttemptEnd> {
  const { db, config, trainer, slot, stop, log } = options;
  const { ref, run, stored, resume } = options.attempt;
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
    onOutage: (error) =>
      log.warn({ err: error }, "the database does not answer; training goes on, results wait"),
    onRecovery: () => log.info("the database answers again"),
  });
  const lease = keepLease({
    beat: () => heartbeat(db, ref, config.leaseMs),
    everyMs: config.heartbeatMs,
    onCancel: () => stopFor("cancel"),
    onLost: () => stopFor("lease-lost"),
    onSilence: (error) => log.warn({ err: error }, "heartbeat failed"),
  });
  const note = (text: string) => writer.add((batch) => batch.log({ stream: "worker", at: new Date(), text }));

  const train = async (): Promise<{ outcome: TrainerOutcome; energy: Energy | null }> => {
    const replayOrder =
      run.purpose === "replay" ? await readReductionOrder(db, run.sourceRunId ?? run.id) : null;
    if (run.purpose === "replay" && !replayOrder) {
      return { outcome: userError("The run to replay has no recorded summation order."), energy: null };
    }
    const evaluated =
      stored.task === "evaluation" ? await evaluationSource(db, String(run.params.sourceRun)) : null;
    if (evaluated && !evaluated.ok) return { outcome: userError(evaluated.reason), energy: null };
    const evaluate = evaluated?.evaluate ?? null;
    await mkdir(outputDirectory, { recursive: true });
    const request = toRunRequest({
      run,
      stored,
      attempt: ref.attempt,
      outputDirectory,
      resume,
      replayOrder,
      evaluate,
      // Not known is drawn once more: no reason to wait for a database that is away.
      knownThumbnails: await knownThumbnails(db, run.dataset).catch(() => []),
      capabilities: trainer.capabilities,
    });
    const variables = trainerEnvironment({
      base: process.env,
      own: trainer.command.env,
      slot: deviceVariables(slot.device),
      run: request,
    });
    const gpuIndices = slot.device.kind === "gpu" ? [slot.device.index] : [];
    const environment = options.collector.collect({ command: trainer.command, variables, gpuIndices });
    const recorder = createEventRecorder({
      writer,
      capabilities: trainer.capabilities,
      environment,
      dataset: run.dataset,
      resumed: resume !== null,
      keepFile: (path) => storeFile(join(config.dataDirectory, "artifacts"), path),
    });
    const meter = startEnergyMeter({ settings: config.energy, gpuIndices });
    const sampler = createSystemSampler({
      host: options.host,
      gpuIndices,
      onSample: (sample) => void writer.add((batch) => batch.system(sample)),
    });
    await note(
      `Attempt ${ref.attempt} on ${config.name}, ${slot.device.name}${resume ? `, resumed at step ${resume.step}` : ""}.`,
    );
    const outcome = await runTrainer({
      command: trainer.command.command,
      args: trainer.command.args,
      workingDirectory: trainer.command.workingDirectory,
      request,
      environment: variables,
      signal: stop.signal,
      graceMs: config.cancelGraceMs,
      onStart: (pid) => {
        meter.watch(pid);
        sampler.watch(pid);
        log.info({ pid }, "trainer started");
      },
      onEvent: (event) => {
        if (event.type === "hello" || event.type === "done") sampler.now();
        return recorder.record(event);
      },
      onLog: (entry) => writer.add((batch) => batch.log(entry)),
    }).finally(() => sampler.stop());
    const energy = await meter.stop();
    await recorder.complete();
    return { outcome, energy };
  };

  try {
    // A failure of this worker itself (full disk, unreadable checkpoint) is no fault of the run.
    const { outcome, energy } = await train().catch((error) => ({
      outcome: infrastructureError(error),
      energy: null,
    }));
    const reason = stopReason(stop.signal);
    if (reason === "lease-lost") {
      log.warn("the attempt was taken away; its trainer was ended and its results are dropped");
      return null;
    }
    if (outcome.status === "cancelled" && reason === "shutdown") {
      await Promise.race([writer.drain().catch(() => {}), pause(shutdownWriteMs)]);
      await Promise.race([
        releaseAttempt(db, ref, `The worker ${config.name} was stopped.`),
        pause(shutdownWriteMs),
      ]);
      log.info("attempt given back");
      return null;
    }
    const failed = writeFailure ? infrastructureError(writeFailure) : outcome;
    if (writeFailure) {
      // The writer is done for; the end alone may still be taken.
      await finishAttempt(db, ref, toFinish(failed, energy));
    } else {
      if (failed.status === "failed") await note(endNote(failed));
      await writer.write({ kind: "finish", outcome: toFinish(failed, energy) });
      await writer.drain();
    }
    log.info(
      { outcome: failed.status, ...(failed.status === "failed" && { reason: failed.message }) },
      "attempt ended",
    );
    if (failed.status === "cancelled") return null;
    return failed.status === "succeeded"
      ? { result: "succeeded", started: true }
      : { result: failed.kind, started: failed.started };
  } catch (error) {
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

function stopReason(signal: AbortSignal): StopReason | null {
  return signal.aborted ? (stopReasons.find((reason) => reason === signal.reason) ?? null) : null;
}
const stopReasons: readonly StopReason[] = ["cancel", "shutdown", "lease-lost", "write-failed"];

type Failure = Extract<TrainerOutcome, { status: "failed" }>;

function userError(message: string): Failure {
  return { status: "failed", kind: "user", message, hint: null, started: true };
}

function infrastructureError(error: unknown): Failure {
  const message = `The worker failed: ${error instanceof Error ? error.message : String(error)}`;
  return { status: "failed", kind: "infrastructure", message, hint: null, started: true };
}

function endNote(failure: Failure): string {
  return failure.hint ? `${failure.message}\n${failure.hint}` : failure.message;
}

function toFinish(outcome: TrainerOutcome, energy: Energy | null): FinishOutcome {
  if (outcome.status === "cancelled") return { status: "cancelled", energy };
  if (outcome.status === "failed") {
    const { kind, message, hint } = outcome;
    return { status: "failed", error: { kind, message, hint }, energy };
  }
  const { digest, selectedEpoch, phases } = outcome.done;
  return { status: "succeeded", digest, selectedEpoch, phases, energy };
}
