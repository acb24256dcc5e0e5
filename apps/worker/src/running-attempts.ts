import type { StopReason } from "./attempt/stop-reason.js";

/** The attempts that this worker executes now, and how to end them. */
export type RunningAttempts = {
  count(): number;
  /** Holds the attempt among the running ones until `work` has ended, and ends as it does. */
  follow<T>(runId: string, stop: AbortController, work: Promise<T>): Promise<T>;
  /** Asks the trainer of one run to stop, where it is trained here. */
  cancel(runId: string): void;
  shutDown(): void;
  /** Resolves when those that run now have ended, however they did. */
  ended(): Promise<void>;
};

/** @param onChange told when one has begun, or has ended */
export function createRunningAttempts(onChange: () => void = () => {}): RunningAttempts {
  const running = new Map<string, { stop: AbortController; work: Promise<unknown> }>();
  const ask = (stop: AbortController | undefined, reason: StopReason) => stop?.abort(reason);
  return {
    count: () => running.size,
    async follow(runId, stop, work) {
      running.set(runId, { stop, work });
      onChange();
      try {
        return await work;
      } finally {
        running.delete(runId);
        onChange();
      }
    },
    cancel: (runId) => ask(running.get(runId)?.stop, "cancel"),
    shutDown() {
      for (const { stop } of running.values()) ask(stop, "shutdown");
    },
    async ended() {
      await Promise.allSettled([...running.values()].map(({ work }) => work));
    },
  };
}
