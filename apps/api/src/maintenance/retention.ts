import { setTimeout as delay } from "node:timers/promises";
import { forgetOldCheckpoints, removeOldLogs } from "@reprise/database";
import { removeFiles } from "../artifacts/artifact-files.js";
import type { ApiContext } from "../context.js";

const everyMs = 60 * 60 * 1000;

export type RetentionKeeper = { stop(): Promise<void> };

/** One pass: all that is older than the settings allow. @returns what was removed */
export async function keepRetention(
  { db, config: { retention } }: Pick<ApiContext, "db" | "config">,
  signal?: AbortSignal,
): Promise<{ logsOfRuns: number; checkpointsOfRuns: number; files: number; bytes: number }> {
  const removed = { logsOfRuns: 0, checkpointsOfRuns: 0, files: 0, bytes: 0 };
  const { keepLogsDays, keepCheckpointsDays } = retention;
  while (keepLogsDays !== null && !signal?.aborted) {
    const runs = await removeOldLogs(db, keepLogsDays);
    removed.logsOfRuns += runs;
    if (runs === 0) break;
  }
  while (keepCheckpointsDays !== null && !signal?.aborted) {
    const { runs, forgotten } = await forgetOldCheckpoints(db, keepCheckpointsDays);
    const { removed: files } = await removeFiles(forgotten);
    removed.checkpointsOfRuns += runs;
    removed.files += files.files;
    removed.bytes += files.bytes;
    if (runs === 0) break;
  }
  return removed;
}

/** Removes logs and checkpoints that are older than the settings allow, every hour; where none is set, nothing ever. */
export function startRetention(context: Pick<ApiContext, "db" | "config" | "log">): RetentionKeeper {
  const { keepLogsDays, keepCheckpointsDays } = context.config.retention;
  if (keepLogsDays === null && keepCheckpointsDays === null) return { stop: async () => {} };
  const log = context.log.child({ part: "retention" });
  const stopping = new AbortController();
  const { signal } = stopping;

  async function work(): Promise<void> {
    while (!signal.aborted) {
      try {
        const removed = await keepRetention(context, signal);
        if (removed.logsOfRuns + removed.checkpointsOfRuns > 0)
          log.info(removed, "old logs and checkpoints removed");
      } catch (error) {
        log.error(
          { err: error },
          "old logs and checkpoints could not be removed; it is tried again in an hour",
        );
      }
      await delay(everyMs, undefined, { signal }).catch(() => {});
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
