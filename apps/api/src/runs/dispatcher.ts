import { connectDatabase } from "@reprise/database";
import type { ApiContext } from "../context.js";
import { createRound } from "./dispatch-round.js";

export type Dispatcher = {
  /** Starts a round soon; calls in between are one call. */
  wake(): void;
  /** Ends after the round in hand. */
  stop(): Promise<void>;
};

export const dispatcherDefaults = {
  intervalMs: 2_000,
  /** Events come in bursts; one round serves the burst. */
  gatherMs: 25,
  /** Jobs out per queue: enough to keep workers busy, few enough that priority and pause take effect soon. */
  limitPerQueue: 200,
  /** A job that the queue does not know this long after it was added is lost. */
  vanishedAfterMs: 10_000,
  /** A job that was taken so long ago, and whose run is not claimed, is given out again: queues themselves do it within 20 s. */
  strandedAfterMs: 30_000,
  /** A round takes milliseconds, one beside a database in trouble seconds; of a longer one people are told. */
  longRoundMs: 15_000,
};

/** For the round, and for two parts that go on beside it. */
const roundConnections = 3;

export type DispatcherOptions = Partial<typeof dispatcherDefaults>;

/**
 * Feeds the queue from the database, which decides what may run, in rounds: at intervals, and soon after something has
 * changed. Several processes may do this at once: the database lets one take at a time. A round that fails is logged and
 * done again.
 */
export function startDispatcher(context: ApiContext, options: DispatcherOptions = {}): Dispatcher {
  const { live, metrics } = context;
  const { intervalMs, gatherMs, ...limits } = { ...dispatcherDefaults, ...options };
  const { longRoundMs } = limits;
  const log = context.log.child({ part: "dispatcher" });
  // Of its own: rounds do not wait until a request gives a connection back.
  const rounds = connectDatabase({
    url: context.db.url,
    kind: "round",
    maxConnections: roundConnections,
    onError: (error) => log.warn({ err: error }, "database: connection trouble"),
  });
  const { round, stop: roundEnded } = createRound(context, {
    ...limits,
    rounds,
    recoverEveryMs: intervalMs,
    log,
  });
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  /** A round was asked for: while one runs, or while the burst is gathered. */
  let asked = false;
  let stopped = false;

  function schedule(delay: number): void {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(start, delay);
  }
  function start(): void {
    asked = false;
    // One that fails and is done again has not ended: nothing was handed out.
    context.dispatching.since ??= performance.now();
    const late = setTimeout(
      () => log.error(`a round has not ended for ${longRoundMs / 1000} seconds: runs are not handed out`),
      longRoundMs,
    );
    running = round()
      .finally(() => clearTimeout(late))
      .then(
        () => {
          context.dispatching.since = null;
          return asked ? gatherMs : intervalMs;
        },
        (error: unknown) => {
          metrics.dispatcherErrors.inc();
          log.error({ err: error }, "round failed; it will be done again");
          return intervalMs;
        },
      )
      .then((delay) => {
        running = null;
        schedule(delay);
      });
  }
  function wake(): void {
    if (!asked && !running) schedule(gatherMs);
    asked = true;
  }

  /** The sweep of a run whose beginning was the last event: what follows is the sweep's own, of that very claim. */
  let claimedOf: string | null = null;

  const stopListening = [
    live.onControl((message) => {
      if (message.type === "runs-queued") wake();
    }),
    live.onEvent(({ event }) => {
      const isClaim = event.type === "sweep" && event.sweepId === claimedOf;
      claimedOf = event.type === "run" && event.status === "running" ? event.sweepId : null;
      // A run that ends frees a place under its sweep's cap; a sweep that is created or resumed brings runs. A claim does neither.
      if ((event.type === "sweep" && !isClaim) || (event.type === "run" && event.status !== "running"))
        wake();
    }),
  ];
  schedule(0);

  return {
    wake,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      for (const end of stopListening) end();
      await running;
      await roundEnded();
      await rounds.close();
    },
  };
}
