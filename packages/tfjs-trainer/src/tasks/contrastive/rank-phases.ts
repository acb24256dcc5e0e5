import { board, type ContrastiveMemory } from "./memory.js";

/** What all threads do together, one phase after another, each ended by a barrier. */
const phases = {
  /** Every rank encodes its images and texts: afterwards all features are gathered. */
  encode: 1,
  /** Every rank computes its loss and the gradients towards the features it lets through. */
  loss: 2,
  /** Every rank sums the gradients of its own features over the ranks and runs backwards through its encoders. */
  backward: 3,
  /** Threads take chunks of the evaluation as they get to them. */
  evaluate: 4,
} as const;

/** What one thread can do. Ranks stay on their thread, because the backward phase needs what the encoding left there. */
export type RankWorker = {
  thread: number;
  threads: number;
  ranks: number;
  loadWeights(): void;
  encode(rank: number, at: { step: number; batchStart: number }): void;
  loss(rank: number): void;
  backward(rank: number): void;
  /** Number of chunks of an evaluation, and the work of one. */
  chunks: number;
  evaluate(chunk: number): void;
};

/** The ranks of a thread: contiguous, the same in every step. */
function ranksOf({ thread, threads, ranks }: RankWorker): number[] {
  const all = Array.from({ length: ranks }, (_, rank) => rank);
  return all.filter((rank) => Math.floor((rank * threads) / ranks) === thread);
}

function workOnPhase(memory: ContrastiveMemory, worker: RankWorker): void {
  const { phase, tickets } = memory;
  const kind = Atomics.load(phase, board.kind);
  const step = Atomics.load(phase, board.step);
  const batchStart = Atomics.load(phase, board.batchStart);
  if (kind === phases.evaluate) {
    worker.loadWeights();
    for (;;) {
      const chunk = Atomics.add(phase, board.nextChunk, 1);
      if (chunk >= Atomics.load(phase, board.chunksEnd)) break;
      worker.evaluate(chunk);
    }
  } else {
    if (kind === phases.encode) worker.loadWeights();
    for (const rank of ranksOf(worker)) {
      if (kind === phases.encode) worker.encode(rank, { step, batchStart });
      else if (kind === phases.loss) worker.loss(rank);
      else {
        worker.backward(rank);
        // The ticket is the order of arrival: nothing shapes it but which rank was faster.
        Atomics.store(tickets, rank, Atomics.add(phase, board.nextTicket, 1));
      }
    }
  }
  Atomics.add(phase, board.checkedIn, 1);
  Atomics.notify(phase, board.checkedIn);
}

/** Runs one phase on all threads and waits for the last; for the coordinator, thread 0. */
function runPhase(
  memory: ContrastiveMemory,
  worker: RankWorker,
  given: { kind: number; step?: number; batchStart?: number; chunks?: { from: number; to: number } },
): void {
  const { kind, step = 0, batchStart = 0, chunks } = given;
  const { phase } = memory;
  Atomics.store(phase, board.kind, kind);
  Atomics.store(phase, board.step, step);
  Atomics.store(phase, board.batchStart, batchStart);
  Atomics.store(phase, board.checkedIn, 0);
  Atomics.store(phase, board.nextTicket, 0);
  Atomics.store(phase, board.nextChunk, chunks?.from ?? 0);
  Atomics.store(phase, board.chunksEnd, chunks?.to ?? 0);
  Atomics.add(phase, board.generation, 1);
  Atomics.notify(phase, board.generation);
  workOnPhase(memory, worker);
  for (;;) {
    const done = Atomics.load(phase, board.checkedIn);
    if (done === worker.threads) return;
    Atomics.wait(phase, board.checkedIn, done);
  }
}

/** One optimisation step on all ranks; returns the ranks in the order in which their gradients were finished. */
export function runRankStep(
  memory: ContrastiveMemory,
  worker: RankWorker,
  at: { step: number; batchStart: number },
): Uint8Array {
  runPhase(memory, worker, { kind: phases.encode, ...at });
  runPhase(memory, worker, { kind: phases.loss, ...at });
  runPhase(memory, worker, { kind: phases.backward, ...at });
  const order = new Uint8Array(worker.ranks);
  for (let rank = 0; rank < worker.ranks; rank++) order[Atomics.load(memory.tickets, rank)] = rank;
  return order;
}

/** Encodes a stretch of what evaluation needs, on all threads. */
export function runEvaluation(
  memory: ContrastiveMemory,
  worker: RankWorker,
  chunks: { from: number; to: number },
): void {
  runPhase(memory, worker, { kind: phases.evaluate, chunks });
}

/** A helping thread's life: sleep until the next phase, do its share, for ever. The process ends it. */
export function helpWithPhases(memory: ContrastiveMemory, worker: RankWorker): never {
  let seen = 0;
  for (;;) {
    Atomics.wait(memory.phase, board.generation, seen);
    const generation = Atomics.load(memory.phase, board.generation);
    if (generation === seen) continue;
    seen = generation;
    workOnPhase(memory, worker);
  }
}
