import type { FastifyBaseLogger } from "fastify";

/** Work that goes on beside whatever else does, one round of it at a time. */
export type Beside = {
  /** Begins a round, unless one is in hand or the last began a moment ago. */
  take(): void;
  /** When the round in hand has ended. */
  settled(): Promise<void>;
};

/** What has been in hand for long, by its name: since when, of `performance.now()`, and what is not done meanwhile. */
export type InHand = Map<string, { since: number; undone: string }>;

/**
 * @param options.undone what is not done while a round lasts, for those who read the log and `/readyz`
 * @param options.everyMs rounds begin at most so often
 * @param options.beginsLater whether the first one begins so late, too
 * @param options.onFailure told of a round that failed; the next one tries again
 */
export function goesOnBeside(
  name: string,
  work: () => Promise<void>,
  options: {
    undone: string;
    everyMs: number;
    beginsLater?: boolean;
    longMs: number;
    inHand: InHand;
    onFailure: () => void;
    log: FastifyBaseLogger;
  },
): Beside {
  const { undone, everyMs, beginsLater = false, longMs, inHand, onFailure, log } = options;
  let running: Promise<void> | null = null;
  let failing = false;
  // Of a clock that nobody sets: one that was an hour ahead for a while must not cost an hour without this.
  let lastBegun = beginsLater ? performance.now() : Number.NEGATIVE_INFINITY;
  const round = async () => {
    lastBegun = performance.now();
    inHand.set(name, { since: lastBegun, undone });
    const late = setTimeout(
      () => log.warn(`${name} has not ended for ${longMs / 1000} seconds: ${undone}`),
      longMs,
    );
    try {
      await work();
      failing = false;
    } catch (error) {
      onFailure();
      // Of several parts that need what is away, every one would say so every two seconds.
      if (!failing) log.error({ err: error }, `${name} failed; it will be done again`);
      failing = true;
    } finally {
      clearTimeout(late);
      inHand.delete(name);
      running = null;
    }
  };
  return {
    take: () => {
      if (running === null && performance.now() - lastBegun >= everyMs) running = round();
    },
    settled: async () => {
      await running;
    },
  };
}
