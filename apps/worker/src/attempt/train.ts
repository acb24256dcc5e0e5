import { mkdir } from "node:fs/promises";
import type { Energy } from "@reprise/contracts";
import { anotherMayFollow, artifactStore, type Database, TooManyMetricsError } from "@reprise/database";
import type { Span } from "@reprise/tracing";
import {
  createSystemSampler,
  type EnvironmentCollector,
  type Host,
  type RunTrainerOptions,
  runTrainer,
  type SpareTrainers,
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
import type { AttemptWriter } from "./attempt-writer.js";
import { createEventRecorder } from "./event-recorder.js";
import { userError, workerError } from "./failure.js";
import { GuestFileError, guestFile } from "./guest-file.js";
import { capLog } from "./log-cap.js";
import { type Attempt, prepareRequest } from "./prepare-request.js";

export type Training = { outcome: TrainerOutcome; energy: Energy | null };

/** What an attempt is trained with, and where. */
export type TrainingSetup = {
  db: Database;
  config: WorkerConfig;
  attempt: Attempt;
  trainer: RegisteredTrainer;
  slot: Slot;
  collector: EnvironmentCollector;
  host: Host;
  /** Trainers that wait for their run, on this machine. */
  spares: SpareTrainers;
  /** What traces show of the attempt. */
  span: Span;
  log: Logger;
};

/**
 * Runs the trainer of an attempt to its end, and hands the writer what it reports, what it prints and what it uses. The slot is free
 * as soon as a trainer has ended well: what is left to write needs no device. After any other end it is the caller's to release,
 * who first draws the consequences.
 */
export async function train(
  setup: TrainingSetup,
  options: { outputDirectory: string; writer: AttemptWriter; stop: AbortSignal },
): Promise<Training> {
  const { config, trainer, slot, log } = setup;
  const { ref, run, resume } = setup.attempt;
  const { outputDirectory, writer } = options;
  const prepared = await prepareRequest(setup.db, setup.attempt, {
    outputDirectory,
    capabilities: trainer.capabilities,
  });
  if (!prepared.ok) return { outcome: userError(prepared.reason), energy: null };
  const { request } = prepared;
  await mkdir(outputDirectory, { recursive: true });
  const startsAhead = trainer.capabilities.startsAhead === true;
  const variables = trainerEnvironment({
    base: process.env,
    own: trainer.command.env,
    slot: deviceVariables(slot.device),
    run: request,
    startsAhead,
  });
  const gpuIndices = slot.device.kind === "gpu" ? [slot.device.index] : [];
  // Asks other programs: begun when the trainer has been started, which does not wait for them.
  let collected: ReturnType<EnvironmentCollector["collect"]> | undefined;
  const environment = () => {
    collected ??= setup.collector.collect({ command: trainer.command, variables, gpuIndices });
    return collected;
  };
  const recorder = createEventRecorder({
    writer,
    capabilities: trainer.capabilities,
    environment,
    dataset: run.dataset,
    keepFile: async (path) =>
      storeFile(artifactStore(config.dataDirectory), await guestFile(outputDirectory, path)),
  });
  const meter = startEnergyMeter({ settings: config.energy, gpuIndices });
  const sampler = createSystemSampler({
    host: setup.host,
    gpuIndices,
    onSample: (sample) => {
      slot.holds(sample.residentMemoryBytes ?? 0);
      void writer.add((batch) => batch.system(sample));
    },
  });
  const goesOn = resume ? `, resumed at step ${resume.step}` : ref.attempt > 1 ? ", from the beginning" : "";
  await writer.note(`Attempt ${ref.attempt} on ${config.name}, ${slot.device.name}${goesOn}.`);
  const printed = capLog((entry) => writer.add((batch) => batch.log(entry)));
  const spares: RunTrainerOptions["spares"] = {
    take: setup.spares.take,
    // For nobody it would load its code in vain; it is no loss to the run where the database does not answer.
    prepare: (start) =>
      void anotherMayFollow(setup.db, run.id).then(
        (may) => may && setup.spares.prepare(start),
        () => {},
      ),
  };
  const span = setup.span.child(`trainer ${trainer.capabilities.name}`, { kind: "client" });
  const { traceparent } = span;
  const outcome = await runTrainer({
    trainer: trainer.command,
    request: traceparent === null ? request : { ...request, traceparent },
    // One that may have been started before its run was known is told by its request alone.
    environment: traceparent === null || startsAhead ? variables : { ...variables, TRACEPARENT: traceparent },
    niceness: config.niceness,
    signal: options.stop,
    graceMs: config.cancelGraceMs,
    // One that waits on a GPU would hold memory that the run before it needs.
    ...(startsAhead && slot.device.kind === "cpu" && { spares }),
    onStart: (pid) => {
      span.set({ "process.pid": pid });
      meter.watch(pid);
      sampler.watch(pid);
      log.info({ pid }, "trainer started");
      setImmediate(() => void environment().catch(() => {}));
    },
    onEvent: (event) => {
      if (event.type === "hello" || event.type === "done") sampler.now();
      return recorder.record(event);
    },
    onLog: (entry) => printed.add(entry),
  })
    .catch((error: unknown) => {
      if (error instanceof GuestFileError || error instanceof TooManyMetricsError)
        return userError(error.message);
      return workerError(error);
    })
    .finally(() => sampler.stop());
  span.set({ "reprise.run.outcome": outcome.status });
  if (outcome.status === "failed") span.fail(outcome.kind);
  span.end();
  await printed.end();
  const energy = await meter.stop();
  if (outcome.status === "succeeded") slot.release();
  await recorder.complete();
  return { outcome, energy };
}
