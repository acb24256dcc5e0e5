import { type Database, inTransaction } from "../connect.js";
import { writeLiveEvents } from "../live/live-events.js";
import { noteDivergence } from "../metrics/divergence.js";
import { type Direction, withFinal } from "../metrics/metric-summaries.js";
import { selectFinals } from "../metrics/selected-values.js";
import { readSummaries, refuseTooMany, writeSummaries } from "../metrics/series-store.js";
import { eventOfRun } from "../runs/entities.js";
import { type AttemptRef, lockAttempt } from "./attempt-lock.js";

/**
 * Notes values that were told of the whole run and at no step: they are the run's values, and no points of its series.
 *
 * @throws LeaseLostError, TooManyMetricsError
 */
export function recordFinalValues(
  db: Database,
  ref: AttemptRef,
  values: ReadonlyArray<{ key: string; value: number; direction: Direction | null }>,
): Promise<void> {
  return inTransaction(db, async (sql) => {
    const { sweepId } = await lockAttempt(sql, ref);
    const { runId } = ref;
    const keys = values.map(({ key }) => key);
    const before = await readSummaries(sql, runId, keys);
    await refuseTooMany(sql, runId, values, before);
    const after = new Map(
      values.map(({ key, value, direction }) => [key, withFinal(before.get(key) ?? null, value, direction)]),
    );
    await writeSummaries(sql, runId, after);
    const isOtherwise = await noteDivergence(sql, runId, before, after);
    await selectFinals(sql, runId, keys);
    const lastStep = [...after.values()].reduce((last, summary) => Math.max(last, summary.lastStep), 0);
    const told = { type: "metrics" as const, sweepId, runId, keys, lastStep, progress: null };
    await writeLiveEvents(sql, isOtherwise ? [told, await eventOfRun(sql, runId)] : [told]);
  });
}
