import { setTimeout as delay } from "node:timers/promises";
import { reviseSeries, seriesRevision } from "@reprise/database";
import type { ApiContext } from "../context.js";

/** A process that finds another at it, or has met with an error, looks again after so long. */
const againMs = 5_000;

/** How often the log says how far it is. */
const saidEveryMs = 10_000;

export type SeriesReviser = { stop(): Promise<void> };

/**
 * Puts summaries right that an earlier version made in the order of reporting, beside everything else, and ends when there
 * are none left. Several processes may do this at once: the database lets one go on at a time.
 */
export function startSeriesReviser(context: Pick<ApiContext, "db" | "log">): SeriesReviser {
  const { db } = context;
  const log = context.log.child({ part: "series revision" });
  const stopping = new AbortController();
  const pause = () => delay(againMs, undefined, { signal: stopping.signal }).catch(() => {});

  async function work(): Promise<void> {
    let saidAt = 0;
    let isOurs = false;
    while (!stopping.signal.aborted) {
      try {
        const state = await reviseSeries(db);
        const { done, total, changed } = await seriesRevision(db);
        if (state === "finished") {
          if (isOurs) log.info({ done, total, changed }, "metric series are in the order of their steps");
          return;
        }
        isOurs ||= state === "more";
        if (state === "more" && Date.now() - saidAt >= saidEveryMs) {
          saidAt = Date.now();
          log.info({ done, total, changed }, "putting metric series into the order of their steps");
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
