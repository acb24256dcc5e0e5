import { setTimeout as delay } from "node:timers/promises";
import { forgetOldCheckpoints, removeOldLogs } from "@reprise/database";
import { isHere, removeFiles } from "../artifacts/artifact-files.js";
import type { ApiContext } from "../context.js";

const everyMs = 60 * 60 * 1000;

export type RetentionKeeper = { stop(): Promise<void> };

export type Removed = {
  logsOfRuns: number;
  checkpointsOfRuns: number;
  files: number;
  bytes: number;
  /** Old checkpoints that this server cannot see: nothing of them was removed. */
  elsewhere: { files: number; bytes: number };
};

/** One pass: all that is older than the settings allow. @returns what was removed */
export async function keepRetention(
  { db, config: { retention } }: Pick<ApiContext, "db" | "config">,
  signal?: AbortSignal,
): Promise<Removed> {
  const elsewhere = { files: 0, bytes: 0 };
  const removed = { logsOfRuns: 0, checkpointsOfRuns: 0, files: 0, bytes: 0, elsewhere };
  const { keepLogsDays, keepCheckpointsDays } = retention;
  let after: string | null = null;
  while (keepLogsDays !== null && !signal?.aborted) {
    const step = await removeOldLogs(db, keepLogsDays, after);
    removed.logsOfRuns += step.runs;
    after = step.last;
    if (after === null) break;
  }
  after = null;
  while (keepCheckpointsDays !== null && !signal?.aborted) {
    const step = await forgetOldCheckpoints(db, { days: keepCheckpointsDays, after, isHere });
    const { removed: files } = await removeFiles(step.forgotten);
    removed.checkpointsOfRuns += step.runs;
    removed.files += files.files;
    removed.bytes += files.bytes;
    elsewhere.files += step.elsewhere.files;
    elsewhere.bytes += step.elsewhere.bytes;
    after = step.last;
    if (after === null) break;
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
        if (removed.elsewhere.files > 0)
          log.warn(
            removed.elsewhere,
            "old checkpoints lie where this server cannot see them, and stay: let it share REPRISE_DATA_DIR with the workers",
          );
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
