import { control, type Memory } from "./memory.js";

/** Computes one shard of one step: gradient, batch statistics, loss and hits go to the shard's rows of the memory. */
export type ShardComputer = (at: { shard: number; step: number; batchStart: number }) => void;

/**
 * How threads share a step. The coordinator publishes a step; every thread claims shards, its own first and then those
 * that others have not begun, and takes a ticket as each is finished. The tickets are the arrival order: nothing
 * shapes it but which thread was faster.
 */
export type StepShare = {
  thread: number;
  threads: number;
  compute: ShardComputer;
  loadWeights: () => void;
};

/** Publishes step `step` (from 0) of the batch that starts at `batchStart` in the epoch's order. */
export function publishStep(memory: Memory, step: number, batchStart: number): void {
  Atomics.store(memory.control, control.batchStart, batchStart);
  Atomics.store(memory.control, control.nextTicket, 0);
  Atomics.store(memory.control, control.finished, 0);
  Atomics.store(memory.control, control.generation, step + 1);
  Atomics.notify(memory.control, control.generation);
}

/** Claims and computes shards of the published step until none is left unclaimed. */
export function workOnStep(memory: Memory, { thread, threads, compute, loadWeights }: StepShare): void {
  const { claims, tickets } = memory;
  const shards = claims.length;
  const generation = Atomics.load(memory.control, control.generation);
  const batchStart = Atomics.load(memory.control, control.batchStart);
  const first = Math.floor((thread * shards) / threads);
  let loaded = false;
  for (let i = 0; i < shards; i++) {
    const shard = (first + i) % shards;
    const last = Atomics.load(claims, shard);
    // A claim carries its step, so that a late thread cannot take a shard of a step it has no weights for.
    if (last >= generation || Atomics.compareExchange(claims, shard, last, generation) !== last) continue;
    if (!loaded) loadWeights();
    loaded = true;
    compute({ shard, step: generation - 1, batchStart });
    Atomics.store(tickets, shard, Atomics.add(memory.control, control.nextTicket, 1));
    Atomics.add(memory.control, control.finished, 1);
    Atomics.notify(memory.control, control.finished);
  }
}

/** Sleeps until every shard of the step is finished; returns the shards in order of arrival. */
export function arrivalOrder(memory: Memory): Uint8Array {
  const shards = memory.claims.length;
  for (;;) {
    const finished = Atomics.load(memory.control, control.finished);
    if (finished === shards) break;
    Atomics.wait(memory.control, control.finished, finished);
  }
  const order = new Uint8Array(shards);
  for (let shard = 0; shard < shards; shard++) order[Atomics.load(memory.tickets, shard)] = shard;
  return order;
}

/** A helping thread's life: sleep until the next step, work on it, for ever. The process ends it. */
export function helpForever(memory: Memory, share: StepShare): never {
  let seen = 0;
  for (;;) {
    Atomics.wait(memory.control, control.generation, seen);
    seen = Atomics.load(memory.control, control.generation);
    workOnStep(memory, share);
  }
}
