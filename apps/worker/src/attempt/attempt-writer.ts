import {
  isAnswerLate,
  isDatabaseBusy,
  isDatabaseFull,
  isDiskFull,
  LeaseLostError,
  TooManyMetricsError,
} from "@reprise/database";
import { backoffMs, pause } from "../pause.js";
import { type BatchBuilder, createBatchBuilder } from "./batch-builder.js";
import { createSpool } from "./spool.js";
import { sizeOf, type WriteOperation } from "./write-operation.js";

export type AttemptWriter = {
  /** Adds to the open batch. Resolves at once, except while more is buffered than the disk is allowed to hold. */
  add(fill: (batch: BatchBuilder) => void): Promise<void>;
  /** Adds a line of the worker's own to the attempt's log. */
  note(text: string): Promise<void>;
  /** Queues a write behind everything that was added before it. */
  write(operation: Exclude<WriteOperation, { kind: "batch" }>): Promise<void>;
  /** Resolves when everything has been written; rejects with what made writing impossible. */
  drain(): Promise<void>;
  /** Drops what is not written yet and stops trying. */
  abandon(): Promise<void>;
};

export type AttemptWriterOptions = {
  /** Performs one write; rejects with `LeaseLostError` when the attempt belongs to somebody else. */
  perform: (operation: WriteOperation) => Promise<void>;
  /** Tells an unreachable database from a write that cannot work. */
  isReachable: () => Promise<boolean>;
  batchMs: number;
  spoolDirectory: string;
  memoryBytes?: number;
  spoolBytes?: number;
  /** Told once when writing has become impossible: lease lost, or a write that the database refuses. */
  onFailure: (error: Error) => void;
  onOutage: (error: unknown) => void;
  onRecovery: () => void;
};

/** A batch that has grown to this size is closed even while its predecessor waits. */
const maxBatchBytes = 4 * 1024 * 1024;
/** Between two looks whether a full disk has room again. */
const fullDiskPauseMs = 1_000;
/** Failures of one write, with the database answering, after which it is given up. */
const refusalsAllowed = 5;

/**
 * Writes what an attempt produces: batches numbered from 0, about one per `batchMs`, and single writes between
 * them, strictly in the order in which they came. While the database is away, everything waits, first in memory,
 * then on disk, and the trainer goes on.
 */
export function createAttemptWriter(options: AttemptWriterOptions): AttemptWriter {
  const { memoryBytes = 64 * 1024 * 1024, spoolBytes = 2 * 1024 ** 3 } = options;
  const spool = createSpool<WriteOperation>({ directory: options.spoolDirectory, memoryBytes });
  const stopping = new AbortController();
  let open = createBatchBuilder();
  let batches = 0;
  let failure: Error | null = null;
  let timer: NodeJS.Timeout | undefined;
  let work: Promise<void> | null = null;
  let pushes: Promise<void> = Promise.resolve();
  const roomListeners: Array<() => void> = [];

  /** Where the disk is full, the trainer is held back until something was written, or there is room. */
  const kept = async (operation: WriteOperation, bytes: number): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        return await spool.push(operation, bytes);
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        startWork();
        await pause(fullDiskPauseMs, stopping.signal);
      }
    }
  };
  const push = (operation: WriteOperation, bytes: number) => {
    pushes = pushes.then(() => kept(operation, bytes)).catch(fail);
    return pushes.then(startWork);
  };
  const closeBatch = () => {
    clearTimeout(timer);
    timer = undefined;
    if (open.isEmpty()) return pushes;
    const bytes = open.bytes();
    const batch = { batch: batches++, ...open.build() };
    open = createBatchBuilder();
    return push({ kind: "batch", batch }, bytes);
  };
  const fail = (error: unknown) => {
    if (failure || stopping.signal.aborted) return;
    failure = error instanceof Error ? error : new Error(String(error));
    stopping.abort();
    for (const listener of roomListeners) listener();
    options.onFailure(failure);
  };
  const tryUntilDone = async (operation: WriteOperation) => {
    let failures = 0;
    let refusals = 0;
    while (!stopping.signal.aborted) {
      try {
        await options.perform(operation);
        if (failures > 0) options.onRecovery();
        return;
      } catch (error) {
        if (error instanceof LeaseLostError || error instanceof TooManyMetricsError) return fail(error);
        failures += 1;
        if (isDatabaseBusy(error) || isAnswerLate(error)) refusals = 0;
        else if (isDatabaseFull(error)) {
          refusals = 0;
          if (failures === 1) options.onOutage(error);
        } else if (await options.isReachable()) refusals += 1;
        else if (failures === 1) options.onOutage(error);
        if (refusals >= refusalsAllowed) return fail(error);
        await pause(backoffMs(failures), stopping.signal);
      }
    }
  };
  const startWork = () => {
    work ??= (async () => {
      for (let next = await spool.peek(); next && !stopping.signal.aborted; next = await spool.peek()) {
        await tryUntilDone(next);
        await spool.shift();
        for (const listener of roomListeners.splice(0)) listener();
      }
    })()
      .catch(fail)
      .finally(() => {
        work = null;
        // Something may have come between the last look and now.
        if (spool.length() > 0 && !stopping.signal.aborted) startWork();
      });
  };
  const room = async () => {
    while (spool.bytes() > spoolBytes && !stopping.signal.aborted) {
      await new Promise<void>((resolve) => roomListeners.push(resolve));
    }
  };
  const schedule = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      // Behind a write that still waits, the batch may as well grow.
      if (spool.length() > 0 && open.bytes() < maxBatchBytes) schedule();
      else void closeBatch();
    }, options.batchMs);
  };

  const add = async (fill: (batch: BatchBuilder) => void) => {
    if (stopping.signal.aborted) return;
    fill(open);
    if (open.bytes() >= maxBatchBytes) await closeBatch();
    else schedule();
    await room();
  };

  return {
    add,
    note: (text) => add((batch) => batch.log({ stream: "worker", at: new Date(), text })),
    async write(operation) {
      if (stopping.signal.aborted) return;
      void closeBatch();
      await push(operation, sizeOf(operation));
      await room();
    },
    async drain() {
      void closeBatch();
      await pushes;
      while (work) await work;
      if (failure) throw failure;
    },
    async abandon() {
      stopping.abort();
      clearTimeout(timer);
      await pushes;
      while (work) await work;
      await spool.clear();
    },
  };
}
