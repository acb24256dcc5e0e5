import { type JobPayload, jobs, type Requirements } from "@reprise/contracts";
import { type Database, requestedThreads, resetEnqueued } from "@reprise/database";
import type { GiveBack } from "@reprise/queue";
import { messageAttributes, runAttributes, type Span, type Tracing, within } from "@reprise/tracing";
import {
  type EnvironmentCollector,
  type Host,
  placeOfControlGroups,
  type SpareTrainers,
} from "@reprise/trainers";
import { runAttempt } from "../attempt/run-attempt.js";
import type { WorkerConfig } from "../config.js";
import type { Logger } from "../logger.js";
import type { Slot, Slots } from "../machine/slots.js";
import { queueOf, type RegisteredTrainer } from "../machine/trainers.js";
import type { RunningAttempts } from "../running-attempts.js";
import type { Admission } from "./admission.js";
import { claimJob } from "./claim-job.js";
import { createReturns } from "./returned-jobs.js";

type Job = JobPayload<"train-run">;

/**
 * Takes one job: device, claim, training, and what its end tells about this worker. Resolves when its device is free for the next
 * one; of a run that trained well, results may still be on their way to the database then.
 *
 * @param giveBack for a job that others could take: it is not kept waiting here while it does not fit
 */
export type TakeJob = (
  trainer: RegisteredTrainer,
  requires: Requirements,
  job: Job,
  giveBack?: GiveBack,
) => Promise<void>;

export function createJobTaker(options: {
  db: Database;
  config: WorkerConfig;
  workerId: string;
  slots: Slots;
  admission: Admission;
  running: RunningAttempts;
  collector: EnvironmentCollector;
  host: Host;
  spares: SpareTrainers;
  tracing: Tracing;
  onError: (error: Error) => void;
  stopping: AbortSignal;
  log: Logger;
}): TakeJob {
  const { db, config, slots, admission, running, collector, host, spares, tracing, stopping, log } = options;
  /** Runs whose device is free and whose results are being written. */
  const writing = new Set<Promise<void>>();
  /** How descendants of trainers are found is known when a first one has been started. */
  let isTold = false;
  const tellOnce = () => {
    if (isTold) return;
    isTold = true;
    const place = placeOfControlGroups();
    if ("folder" in place) log.info(place, "descendants of trainers end by their control group");
    else log.info(place, "no control groups: descendants of trainers end by their session and environment");
  };

  const train = async (trainer: RegisteredTrainer, job: Job, slot: Slot, span: Span) => {
    const worker = { id: options.workerId, name: config.name };
    const claimed = await within(span, "claim", () =>
      claimJob({ db, worker, leaseMs: config.leaseMs, trainer, job, stopping, log }),
    );
    if (!claimed) return span.set({ "reprise.run.outcome": "not claimed" });
    const { run, ref, request: stored, resume } = claimed;
    span.set({
      ...(run.sweepId !== null && { "reprise.sweep.id": run.sweepId }),
      ...{ "reprise.run.arm": run.arm, "reprise.run.seed": run.seed, "reprise.run.purpose": run.purpose },
    });
    const stop = new AbortController();
    const work = runAttempt({
      db,
      config,
      attempt: { ref, run, stored, resume },
      trainer,
      slot,
      collector,
      host,
      spares,
      span,
      stop,
      stopping,
      log: log.child({ sweepId: run.sweepId, runId: run.id, attempt: ref.attempt }),
    });
    const sign = await running.follow(run.id, stop, work);
    tellOnce();
    if (sign) await admission.consider(sign);
  };

  /** What traces show of a job, from before its claim to its end. */
  const traced = async (
    trainer: RegisteredTrainer,
    queue: string,
    job: Job,
    slot: Slot,
    isQueued: boolean,
  ) => {
    const { capabilities } = trainer;
    const span = tracing.start(`process ${queue}`, {
      kind: isQueued ? "consumer" : "internal",
      parent: job.traceparent,
      attributes: {
        ...runAttributes({ ...job, trainer: capabilities.name }),
        "reprise.worker.name": config.name,
        ...(isQueued && messageAttributes("process", { queue, id: jobs["train-run"].jobId(job) })),
      },
    });
    try {
      await train(trainer, job, slot, span);
    } finally {
      span.end();
    }
  };

  const execute = async (
    trainer: RegisteredTrainer,
    queue: string,
    job: Job,
    slot: Slot,
    isQueued: boolean,
  ) => {
    try {
      // Where the database is slow, runs do not pile up that have nowhere to be written to.
      while (writing.size >= slots.count(slot.device.kind)) await Promise.race(writing);
      if (admission.isOpen()) await traced(trainer, queue, job, slot, isQueued);
      else await resetEnqueued(db, [job.runId]).catch(() => {});
    } finally {
      slot.release();
      if (running.count() === 0) spares.rest();
    }
  };

  const returns = createReturns({ db, slots, stopping, onError: options.onError });

  return async (trainer, requires, job, giveBack) => {
    const kind = trainer.capabilities.deviceClass;
    const isShared = kind === "cpu" && slots.count(kind) > 1;
    const decided = returns.consider();
    // Not known: it is given the whole processor.
    const threads = isShared ? await requestedThreads(db, job.runId).catch(() => "auto" as const) : "auto";
    const slot =
      isShared && giveBack
        ? slots.take(kind, threads)
        : await slots.acquire(kind, stopping, { threads, requires }).catch(() => null);
    decided();
    if (!slot && isShared && giveBack && !stopping.aborted) return returns.giveBack(kind, job, giveBack);
    if (!slot) return resetEnqueued(db, [job.runId]).catch(() => {});
    const work = execute(trainer, queueOf(trainer, requires), job, slot, giveBack !== undefined);
    await Promise.race([work, slot.released]);
    const rest: Promise<void> = work.catch(options.onError).finally(() => writing.delete(rest));
    writing.add(rest);
  };
}
