import { type Machine, meets } from "@reprise/contracts";
import {
  claimLocalization,
  type Database,
  type QueuedLocalization,
  queuedLocalizations,
} from "@reprise/database";
import { type Span, type Tracing, within } from "@reprise/tracing";
import type { WorkerConfig } from "../config.js";
import { runLocalization } from "../localization/run-localization.js";
import type { Logger } from "../logger.js";
import type { Slot, Slots } from "../machine/slots.js";
import type { RegisteredTrainer } from "../machine/trainers.js";
import type { RunningAttempts } from "../running-attempts.js";
import type { Admission } from "./admission.js";

/** Looks for runs that are to be located with a trainer of this worker, and takes them as devices become free. */
export function createLocalizationIntake(options: {
  db: Database;
  worker: { id: string; name: string };
  machine: Machine;
  config: WorkerConfig;
  trainers: readonly RegisteredTrainer[];
  slots: Slots;
  admission: Admission;
  running: RunningAttempts;
  tracing: Tracing;
  stopping: AbortSignal;
  log: Logger;
  onError: (error: Error) => void;
}): () => Promise<void> {
  const { db, worker, machine, config, slots, admission, running, tracing, stopping } = options;
  const offered = new Map(
    options.trainers.flatMap((trainer): [string, RegisteredTrainer][] =>
      trainer.capabilities.locate === true ? [[trainer.capabilities.name, trainer]] : [],
    ),
  );
  const taking = new Set<string>();

  const locate = async (id: string, trainer: RegisteredTrainer, slot: Slot, span: Span) => {
    const claim = { id, workerId: worker.id };
    const claimed = await within(span, "claim", () =>
      claimLocalization(db, { ...claim, ...{ workerName: worker.name, leaseMs: config.leaseMs } }),
    );
    if (!claimed) return span.set({ "reprise.localization.outcome": "not claimed" });
    const { runId, otherRunId } = claimed.wanted;
    span.set({
      "reprise.run.id": runId,
      ...(otherRunId !== null && { "reprise.other_run.id": otherRunId }),
    });
    const stop = new AbortController();
    const log = options.log.child({ localizationId: id, runId });
    const work = runLocalization({ db, config, claim, ...claimed, trainer, slot, stop, stopping, span, log });
    await running.follow(id, stop, work);
  };

  const isFor = ({ requires }: QueuedLocalization, { capabilities }: RegisteredTrainer) =>
    requires.every((each) => meets(machine, each)) && slots.count(capabilities.deviceClass, requires) > 0;

  const take = async ({ id, traceparent, requires }: QueuedLocalization, trainer: RegisteredTrainer) => {
    const kind = trainer.capabilities.deviceClass;
    const slot = await slots.acquire(kind, stopping, { requires }).catch(() => null);
    try {
      if (!slot || !admission.isOpen()) return;
      const span = tracing.start("locate", {
        parent: traceparent,
        attributes: {
          "reprise.localization.id": id,
          "reprise.trainer": trainer.capabilities.name,
          "reprise.worker.name": worker.name,
        },
      });
      try {
        await locate(id, trainer, slot, span);
      } finally {
        span.end();
      }
    } finally {
      slot?.release();
    }
  };

  return async () => {
    if (offered.size === 0 || !admission.isOpen()) return;
    for (const queued of await queuedLocalizations(db, [...offered.keys()])) {
      const { id } = queued;
      const trainer = offered.get(queued.trainer);
      if (!trainer || taking.has(id) || !isFor(queued, trainer)) continue;
      taking.add(id);
      take(queued, trainer)
        .catch(options.onError)
        .finally(() => taking.delete(id));
    }
  };
}
