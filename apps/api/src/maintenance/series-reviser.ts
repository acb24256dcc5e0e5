import { setTimeout as delay } from "node:timers/promises";
import { reviseSeries, revisions } from "@reprise/database";
import type { ApiContext } from "../context.js";

/** A process that finds another at it, or has met with an error, looks again after so long. */
const againMs = 5_000;

/** How often the log says how far it is. */
const saidEveryMs = 10_000;

export type SeriesReviser = { stop(): Promise<void> };

/**
 * Puts summaries right that an earlier version made otherwise, beside everything else, and ends when there are none left. Several processes may do this at once: the database lets one go on at a time.
 */
export function startSeriesReviser(context: Pick<ApiContext, "db" | "log">): SeriesReviser {
  const { db } = context;
  const log = context.log.child({ part: "series revision" });
  const stopping = new AbortController();
  const pause = () => delay(againMs, undefined, { signal: stopping.signal }).catch(() => {});

  async function work(): Promise<void> {
    let saidAt = Number.NEGATIVE_INFINITY;
    let isOurs = false;
    while (!stopping.signal.aborted) {
      try {
        const state = await reviseSeries(db);
        const tasks = await revisions(db);
        if (state === "finished") {
          if (isOurs) log.info({ tasks }, "metric series of earlier versions are put right");
          return;
        }
        isOurs ||= state === "more";
        if (state === "more" && performance.now() - saidAt >= saidEveryMs) {
          saidAt = performance.now();
          const task = tasks.find(({ finishedAt }) => finishedAt === null);
          log.info({ task }, "putting metric series of earlier versions right");
        }
        if (state === "busy") await pause();
      } catch (error) {
        log.error({ err: error }, "revision of metric series failed; it will go on where it was");
        await pause();
      }
    }
  }

  const working = work();
  return {
    stop: async () => {
      stopping.abort();
      await working;
    },
  };
}
