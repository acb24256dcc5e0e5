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

/** A longer timer of Node would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Calls `fire` in `ms` milliseconds, however many these are. Returns what prevents it. */
function startTimer(ms: number, fire: () => void): () => void {
  const due = performance.now() + ms;
  const wait = (): NodeJS.Timeout => {
    const left = Math.max(0, due - performance.now());
    return left > longestTimerMs
      ? setTimeout(() => {
          timer = wait();
        }, longestTimerMs)
      : setTimeout(fire, left);
  };
  let timer = wait();
  return () => clearTimeout(timer);
}

export type Lifespan = {
  /** To be called at every heartbeat that the database has answered. */
  look(): Promise<void>;
  /** To be called when it has begun or ended to train something. */
  changed(): void;
  stop(): void;
};

/**
 * Watches whether a worker has lived long enough, and says so once.
 *
 * Whoever waits for a run is told of none while the database is away, so that time counts for itself: a worker ends after an
 * outage of `maxIdleMs`, and one of a quarter of that, once it is over, begins the idle time anew.
 *
 * @param isBusy whether it trains anything
 * @param isAwaited whether a run is queued that it could train; asked only where that decides
 * @param lookEveryMs how often `look` is called while the database answers
 */
export function watchLifetime(options: {
  lifetime: Lifetime;
  isBusy: () => boolean;
  isAwaited: () => Promise<boolean>;
  lookEveryMs: number;
  onEnd: (reason: string) => void;
}): Lifespan {
  const { isBusy, onEnd } = options;
  const { drain, maxIdleMs, maxTimeMs } = options.lifetime;
  let ended = false;
  let lookedAt = performance.now();
  let endIdleTime = () => {};
  const end = (reason: string) => {
    if (ended) return;
    stop();
    onEnd(reason);
  };
  const changed = () => {
    endIdleTime();
    if (maxIdleMs === null || ended || isBusy()) return;
    endIdleTime = startTimer(maxIdleMs, () => end("it has trained nothing for long enough"));
  };
  const endTime = maxTimeMs === null ? () => {} : startTimer(maxTimeMs, () => end("its time is up"));
  const stop = () => {
    ended = true;
    endIdleTime();
    endTime();
  };
  changed();
  return {
    async look() {
      const now = performance.now();
      // For so long nobody could ask for a run. A single beat that came late is no outage: it would keep an idle worker for ever.
      if (now - lookedAt > Math.max(1.5 * options.lookEveryMs, (maxIdleMs ?? 0) / 4)) changed();
      lookedAt = now;
      if (!drain || ended || isBusy()) return;
      // Between the two it may have begun to train.
      if (!(await options.isAwaited()) && !isBusy()) end("no run is queued that it would take");
    },
    changed,
    stop,
  };
}
