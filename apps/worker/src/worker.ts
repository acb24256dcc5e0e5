import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { ControlMessage, JobPayload } from "@reprise/contracts";
import {
  claimRun,
  connectDatabase,
  type Database,
  getSweep,
  type Live,
  openLive,
  pauseSweep,
  registerWorker,
  reservedRuns,
  resetEnqueued,
  setWorkerStatus,
  touchWorker,
} from "@reprise/database";
import {
  createEnvironmentCollector,
  type Host,
  openHost,
  sampleEveryMs,
  workerSample,
} from "@reprise/trainers";
import { runAttempt, type StopReason } from "./attempt/run-attempt.js";
import { printableConfig, type WorkerConfig } from "./config.js";
import { createHealth, type HealthSign } from "./intake/health.js";
import { consumeJobs, type JobConsumers } from "./intake/job-consumers.js";
import { createLogger, type Logger } from "./logger.js";
import { fileIsHere } from "./machine/artifact-store.js";
import { devicesOf } from "./machine/devices.js";
import { createSlots } from "./machine/slots.js";
import { type RegisteredTrainer, registerTrainers } from "./machine/trainers.js";
import { backoffMs, pause } from "./pause.js";

export type Worker = {
  readonly id: string;
  /**
   * Announces the worker and begins to take runs. Rejects when it could never take one (no database, no trainer).
   */
  start(): Promise<void>;
  /** Takes no more runs, lets running ones end within the grace, gives the rest back, and says goodbye. */
  stop(): Promise<void>;
};

type Running = { stop: AbortController; ended: Promise<void> };

/**
 * A worker: takes jobs from the queues of its trainers, claims the runs behind them in the database, and trains
 * them, one at a time per device.
 */
export function createWorker(config: WorkerConfig, options: { log?: Logger } = {}): Worker {
  const id = randomUUID();
  const log = options.log ?? createLogger(config);
  const running = new Map<string, Running>();
  /** Aborted when the worker stops: whatever waits, waits no longer. */
  const stopping = new AbortController();
  let accepting = false;
  let db: Database | undefined;
  let live: Live | undefined;
  let host: Host | undefined;
  let consumers: JobConsumers | undefined;
  let beating: Promise<void> | undefined;
  let wakeHeartbeat: () => void = () => {};

  const begin = async () => {
    log.info({ config: printableConfig(config) }, "worker starts");
    const database = connectDatabase({ url: config.databaseUrl, onError: logOnce("database") });
    db = database;
    const collector = createEnvironmentCollector();
    const devices = devicesOf(await collector.gpus(), process.env);
    const gpuIndices = devices.flatMap(({ kind, index }) => (kind === "gpu" ? [index] : []));
    const machine = openHost({ dataDirectory: config.dataDirectory, gpuIndices, gpuEveryMs: sampleEveryMs });
    host = machine;
    const readMachine = machine.reader();
    const slots = createSlots(devices, () => consumers?.slotsChanged());
    const trainers = await registerTrainers(config.trainers, slots, log);
    const announce = () =>
      registerWorker(database, {
        id,
        name: config.name,
        host: hostname(),
        pid: process.pid,
        devices,
        capabilities: trainers.map((trainer) => trainer.capabilities),
      });
    const health = createHealth({
      limit: config.quarantineAfter,
      succeededRuns: async (sweepId) =>
        (await getSweep(database, sweepId).catch(() => null))?.runCounts.succeeded ?? null,
    });

    const setAccepting = async (wanted: boolean) => {
      if (accepting === wanted || stopping.signal.aborted) return;
      accepting = wanted;
      if (wanted) health.reset();
      log.info(wanted ? "takes runs" : "takes no more runs");
      await consumers?.accept(wanted);
    };
    const considerHealth = async (sign: HealthSign) => {
      const verdict = await health.judge(sign);
      if (verdict.action === "none") return;
      log.error({ verdict }, verdict.reason);
      await (verdict.action === "quarantine"
        ? setWorkerStatus(database, id, "quarantined", verdict.reason)
        : pauseSweep(database, verdict.sweepId));
      if (verdict.action === "quarantine") await setAccepting(false);
    };

    const handle = async (trainer: RegisteredTrainer, job: JobPayload<"train-run">) => {
      const slot = await slots.acquire(trainer.capabilities.deviceClass, stopping.signal).catch(() => null);
      try {
        if (!slot || !accepting) return await handBack(database, job.runId);
        await trainOne(database, trainer, job, slot);
      } finally {
        slot?.release();
      }
    };
    const trainOne = async (
      database: Database,
      trainer: RegisteredTrainer,
      job: JobPayload<"train-run">,
      slot: Awaited<ReturnType<typeof slots.acquire>>,
    ) => {
      const claimed = await claim(database, trainer, job);
      if (!claimed) return;
      const { run, ref, request, resume } = claimed;
      const runLog = log.child({ sweepId: run.sweepId, runId: run.id, attempt: ref.attempt });
      const stop = new AbortController();
      const work = runAttempt({
        db: database,
        config,
        attempt: { ref, run, stored: request, resume },
        trainer,
        slot,
        collector,
        host: machine,
        stop,
        log: runLog,
      });
      const ended = work.then(
        () => {},
        () => {},
      );
      running.set(run.id, { stop, ended });
      try {
        const end = await work;
        if (end) await considerHealth({ sweepId: run.sweepId, ...end });
      } finally {
        running.delete(run.id);
      }
    };
    const claim = async (database: Database, trainer: RegisteredTrainer, job: JobPayload<"train-run">) => {
      for (let failures = 1; !stopping.signal.aborted; failures++) {
        try {
          const result = await claimRun(database, {
            ...job,
            workerId: id,
            workerName: config.name,
            leaseMs: config.leaseMs,
            resumable: ({ path }) => trainer.capabilities.resume && fileIsHere(path),
          });
          if (result.ok) return result;
          log.debug({ ...job, reason: result.reason }, "not claimed");
          return null;
        } catch (error) {
          if (failures === 1) log.warn({ ...job, err: error }, "claiming failed; trying again");
          await pause(backoffMs(failures), stopping.signal);
        }
      }
      return null;
    };

    /** Replicas for this worker that are being taken. */
    const taking = new Set<string>();
    const takeReserved = async () => {
      if (!accepting) return;
      const offered = trainers.map(({ capabilities }) => capabilities.name);
      const reserved = await reservedRuns(database, { id, name: config.name, trainers: offered });
      for (const { runId, attempt, trainer: name } of reserved) {
        const trainer = trainers.find(({ capabilities }) => capabilities.name === name);
        if (!trainer || taking.has(runId)) continue;
        taking.add(runId);
        handle(trainer, { runId, attempt })
          .catch(logOnce("reserved run"))
          .finally(() => taking.delete(runId));
      }
    };

    const beat = async () => {
      while (!stopping.signal.aborted) {
        const woken = new Promise<void>((resolve) => {
          wakeHeartbeat = resolve;
        });
        await Promise.race([pause(config.heartbeatMs, stopping.signal), woken]);
        if (stopping.signal.aborted) return;
        try {
          const state = await touchWorker(database, id, workerSample(machine, readMachine, gpuIndices));
          if (state === null) await announce();
          await setAccepting(state === null || state.status === "ready");
          await takeReserved();
        } catch (error) {
          logOnce("heartbeat")(error instanceof Error ? error : new Error(String(error)));
        }
      }
    };
    const onControl = (message: ControlMessage) => {
      if (message.type === "cancel-run")
        running.get(message.runId)?.stop.abort("cancel" satisfies StopReason);
      if (message.type === "drain-worker" && message.workerId === id) wakeHeartbeat();
      if (message.type === "runs-queued") takeReserved().catch(logOnce("reserved runs"));
    };

    await announce();
    if (stopping.signal.aborted) return;
    live = await openLive({ url: config.databaseUrl, onError: logOnce("live") });
    live.onControl(onControl);
    accepting = true;
    consumers = await consumeJobs({ config, trainers, slots, handle, onError: logOnce("queue") });
    beating = beat();
    takeReserved().catch(logOnce("reserved runs"));
    log.info({ id, devices, trainers: trainers.map((trainer) => trainer.queue) }, "worker ready");
  };

  const handBack = async (database: Database, runId: string) => {
    await resetEnqueued(database, [runId]).catch(() => {});
  };

  let starting: Promise<void> | undefined;
  const start = () => {
    starting ??= begin();
    return starting;
  };
  const stop = async () => {
    if (stopping.signal.aborted) return;
    log.info({ running: running.size }, "worker stops");
    accepting = false;
    stopping.abort();
    await starting?.catch(() => {});
    accepting = false;
    await consumers?.accept(false);
    const ends = () => Promise.all([...running.values()].map((entry) => entry.ended));
    await Promise.race([ends(), pause(config.shutdownGraceMs)]);
    for (const entry of running.values()) entry.stop.abort("shutdown" satisfies StopReason);
    await Promise.race([ends(), pause(config.cancelGraceMs + 8_000)]);
    await Promise.race([consumers?.close(), pause(2_000)]).catch(() => {});
    await beating;
    host?.stop();
    await live?.close().catch(() => {});
    if (db) {
      await Promise.race([setWorkerStatus(db, id, "gone", "stopped"), pause(2_000)]).catch(() => {});
      await db.close().catch(() => {});
    }
    log.info("worker stopped");
  };

  /** Errors of connections come in swarms: one of a kind every ten seconds is enough. */
  const lastLogged = new Map<string, number>();
  function logOnce(part: string) {
    return (error: Error) => {
      const now = performance.now();
      if (now - (lastLogged.get(part) ?? Number.NEGATIVE_INFINITY) < 10_000) return;
      lastLogged.set(part, now);
      log.warn({ part, err: error }, "connection trouble");
    };
  }

  return { id, start, stop };
}
