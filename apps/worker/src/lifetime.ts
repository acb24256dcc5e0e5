/** When a worker ends by itself, as one in the job of a cluster does. */
export type Lifetime = {
  /** As soon as it trains nothing and no run is queued that it could train. */
  drain: boolean;
  /** After it has trained nothing for so long; null for never. */
  maxIdleMs: number | null;
  /** So long after its start, with what it trains then given back; null for never. */
  maxTimeMs: number | null;
};

export const endless: Lifetime = { drain: false, maxIdleMs: null, maxTimeMs: null };

/** A longer timer would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Watches whether a worker has lived long enough, and says so once.
 *
 * @param isBusy whether it trains anything
 * @param isAwaited whether a run is queued that it could train; asked only where that decides
 * @returns `look`, to be called now and then, and `stop`
 */
export function watchLifetime(options: {
  lifetime: Lifetime;
  isBusy: () => boolean;
  isAwaited: () => Promise<boolean>;
  onEnd: (reason: string) => void;
}): { look(): Promise<void>; stop(): void } {
  const { lifetime, isBusy, onEnd } = options;
  let ended = false;
  let idleSince = performance.now();
  const end = (reason: string) => {
    if (ended) return;
    stop();
    onEnd(reason);
  };
  const timer =
    lifetime.maxTimeMs === null
      ? undefined
      : setTimeout(() => end("its time is up"), Math.min(lifetime.maxTimeMs, longestTimerMs));
  const stop = () => {
    ended = true;
    clearTimeout(timer);
  };
  return {
    async look() {
      if (ended) return;
      if (isBusy()) {
        idleSince = performance.now();
        return;
      }
      const { drain, maxIdleMs } = lifetime;
      if (maxIdleMs !== null && performance.now() - idleSince >= maxIdleMs)
        return end("it has had nothing to train for long enough");
      // Between the two it may have begun to train.
      if (drain && !(await options.isAwaited()) && !isBusy()) end("no run is queued that it would take");
    },
    stop,
  };
}
