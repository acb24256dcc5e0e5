import { randomUUID } from "node:crypto";
import type { ControlMessage } from "@reprise/contracts";
import {
  connectDatabase,
  type DatabasePool,
  type Live,
  openLive,
  queuedNeeds,
  requireMigrated,
  setWorkerStatus,
  waitsOf,
} from "@reprise/database";
import { openTracing, type Tracing } from "@reprise/tracing";
import {
  createEnvironmentCollector,
  createSpareTrainers,
  type Host,
  openHost,
  type SpareTrainers,
  sampleEveryMs,
} from "@reprise/trainers";
import manifest from "../package.json" with { type: "json" };
import { printableConfig, type WorkerConfig } from "./config.js";
import { type Heartbeat, startHeartbeat } from "./heartbeat.js";
import { createAdmission } from "./intake/admission.js";
import { isRunAwaited } from "./intake/awaited-runs.js";
import { consumeJobs, type JobConsumers } from "./intake/job-consumers.js";
import { createLocalizationIntake } from "./intake/localizations.js";
import { createReservedIntake } from "./intake/reserved-replicas.js";
import { createJobTaker } from "./intake/take-jobs.js";
import { type Lifespan, watchLifetime } from "./lifetime.js";
import { createLogger, type Logger } from "./logger.js";
import { devicesOf } from "./machine/devices.js";
import { createSlots } from "./machine/slots.js";
import { queueOf, registerTrainers } from "./machine/trainers.js";
import { pause } from "./pause.js";
import { createRegistration } from "./registration.js";
import { createRunningAttempts } from "./running-attempts.js";
import { createTroubleLog } from "./trouble-log.js";

export type Worker = {
  readonly id: string;
  /**
   * Announces the worker and begins to take runs. Rejects when it could never take one (no database, no trainer).
   */
  start(): Promise<void>;
  /** Resolves when it has stopped by itself (`lifetime` of its configuration). */
  readonly finished: Promise<void>;
  /** Takes no more runs, lets running ones end within the grace, gives the rest back, and says goodbye. */
  stop(): Promise<void>;
};

/**
 * A worker: takes jobs from the queues of its trainers, claims the runs behind them in the database, and trains
 * them: one at a time per GPU, and on the processor as many as are configured and fit.
 */
export function createWorker(config: WorkerConfig, options: { log?: Logger } = {}): Worker {
  const worker = { id: randomUUID(), name: config.name };
  const log = options.log ?? createLogger(config);
  const trouble = createTroubleLog(log);
  const running = createRunningAttempts(() => lifetime?.changed());
  /** Aborted when the worker stops: whatever waits, waits no longer. */
  const stopController = new AbortController();
  const stopping = stopController.signal;
  let db: DatabasePool | undefined;
  let live: Live | undefined;
  let host: Host | undefined;
  let spares: SpareTrainers | undefined;
  let consumers: JobConsumers | undefined;
  let following: Promise<void> | undefined;
  let heartbeat: Heartbeat | undefined;
  let tracing: Tracing | undefined;

  let lifetime: Lifespan | undefined;
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const begin = async () => {
    log.info({ config: printableConfig(config) }, "worker starts");
    await requireMigrated(config.databaseUrl);
    // Whoever is silent for a lease has lost its runs, and holds nothing of them any more.
    const waits = { idleInTransactionMs: Math.min(waitsOf.request.idleInTransactionMs, config.leaseMs) };
    const database = connectDatabase({ url: config.databaseUrl, waits, onError: trouble("database") });
    db = database;
    const collector = createEnvironmentCollector();
    const devices = devicesOf(await collector.gpus(), process.env);
    const gpuIndices = devices.flatMap(({ kind, index }) => (kind === "gpu" ? [index] : []));
    const system = openHost({ dataDirectory: config.dataDirectory, gpuIndices, gpuEveryMs: sampleEveryMs });
    host = system;
    const slots = createSlots(devices, () => consumers?.slotsChanged(), { processorSlots: config.slots });
    // Two a slot: the arms of a study take turns, each with an environment of its own.
    const waiting = createSpareTrainers(2 * slots.count("cpu"));
    spares = waiting;
    const machine = { labels: config.labels, devices };
    const { registered: trainers, leftOut } = await registerTrainers(config.trainers, slots, log);

    const shared = { db: database, log, stopping };
    const service = { name: "reprise-worker", version: manifest.version, instanceId: worker.id };
    tracing = await openTracing(service, trouble("traces"));
    const registration = createRegistration({
      db: database,
      worker,
      machine,
      trainers,
      leftOut,
      host: system,
      gpuIndices,
    });
    const admission = createAdmission({
      ...shared,
      workerId: worker.id,
      quarantineAfter: config.quarantineAfter,
      onChange: (open) => {
        waiting.accept(open);
        return consumers?.accept(open);
      },
    });
    const take = createJobTaker({
      ...shared,
      config,
      workerId: worker.id,
      slots,
      admission,
      running,
      collector,
      host: system,
      spares: waiting,
      tracing,
      onError: trouble("run"),
    });
    const takeReserved = createReservedIntake({
      db: database,
      worker,
      machine,
      trainers,
      admission,
      take,
      onError: trouble("reserved run"),
    });
    const takeLocalizations = createLocalizationIntake({
      ...shared,
      worker,
      machine,
      config,
      trainers,
      slots,
      admission,
      running,
      tracing,
      onError: trouble("localization"),
    });
    // Beside the heartbeat: a queue that is away for long must not make this worker seem gone.
    const followQueues = () => {
      following ??= (async () => consumers?.follow(await queuedNeeds(database)))()
        .catch(trouble("queue"))
        .finally(() => {
          following = undefined;
        });
    };
    const onControl = (message: ControlMessage) => {
      if (message.type === "cancel-run") running.cancel(message.runId);
      if (message.type === "worker-steered" && message.workerId === worker.id) heartbeat?.wake();
      if (message.type !== "reserved-work") return;
      takeReserved().catch(trouble("reserved runs"));
      takeLocalizations().catch(trouble("localization"));
    };

    await registration.announce();
    if (stopping.aborted) return;
    live = await openLive({ url: config.databaseUrl, events: false, onError: trouble("live") });
    live.onControl(onControl);
    admission.open();
    consumers = await consumeJobs({
      ...{ config, waits, machine, trainers, slots, take },
      onError: trouble("queue"),
    });
    const lifespan = watchLifetime({
      lifetime: config.lifetime,
      isBusy: () => running.count() > 0,
      isAwaited: () => isRunAwaited({ db: database, worker, machine, trainers, admission }),
      lookEveryMs: config.heartbeatMs,
      onEnd: (reason) => {
        log.info(`stops by itself: ${reason}`);
        stop().then(finish, finish);
      },
    });
    lifetime = lifespan;
    heartbeat = startHeartbeat({
      everyMs: config.heartbeatMs,
      signal: stopping,
      beat: async () => {
        await admission.set(await registration.renew());
        followQueues();
        await takeReserved();
        await takeLocalizations();
        await lifespan.look();
      },
      onError: trouble("heartbeat"),
    });
    followQueues();
    takeReserved().catch(trouble("reserved runs"));
    takeLocalizations().catch(trouble("localization"));
    log.info(
      { id: worker.id, devices, trainers: trainers.map((trainer) => queueOf(trainer, {})) },
      "worker ready",
    );
  };

  let starting: Promise<void> | undefined;
  const start = () => {
    starting ??= begin();
    return starting;
  };
  const end = async () => {
    log.info({ running: running.count() }, "worker stops");
    stopController.abort();
    lifetime?.stop();
    await starting?.catch(() => {});
    spares?.accept(false);
    await consumers?.accept(false);
    await Promise.race([running.ended(), pause(config.shutdownGraceMs)]);
    running.shutDown();
    await Promise.race([running.ended(), pause(config.cancelGraceMs + 8_000)]);
    await Promise.race([following?.then(() => consumers?.close()) ?? consumers?.close(), pause(2_000)]).catch(
      () => {},
    );
    await heartbeat?.ended;
    host?.stop();
    await tracing?.close();
    await live?.close().catch(() => {});
    if (db) {
      await Promise.race([setWorkerStatus(db, worker.id, "gone", "stopped"), pause(2_000)]).catch(() => {});
      await db.close().catch(() => {});
    }
    log.info("worker stopped");
  };

  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= end();
    return stopped;
  };

  return { id: worker.id, start, finished, stop };
}
