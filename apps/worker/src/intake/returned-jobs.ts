import type { Device, JobPayload } from "@reprise/contracts";
import { type Database, getRun } from "@reprise/database";
import type { GiveBack } from "@reprise/queue";
import type { Refusal, Slots } from "../machine/slots.js";
import { pause } from "../pause.js";

type Job = JobPayload<"train-run">;

/** So often it is asked whether another worker has taken what does not fit here. */
const askEveryMs = 1_000;

export type Returns = {
  /** A job came and is looked at; to be called once when that is over. */
  consider(): () => void;
  /** Puts a job that was refused back into its queue. */
  giveBack(kind: Device["kind"], job: Job, giveBack: GiveBack): Promise<void>;
};

/**
 * Jobs that do not fit beside those that hold the processor of this worker. They go back to the head of their queue, for any worker
 * with room; until the first of them would fit here, or is trained elsewhere, this one takes no other. Of several that came at once
 * the first goes back last, so that none of them overtakes it.
 */
export function createReturns(options: {
  db: Database;
  slots: Slots;
  stopping: AbortSignal;
  onError: (error: Error) => void;
}): Returns {
  const { db, slots, stopping } = options;
  let looking = 0;
  const watched = new WeakSet<Refusal>();
  let refused: Array<() => Promise<void>> = [];

  const returnAll = async () => {
    const all = refused;
    refused = [];
    for (const one of all.toReversed()) await one();
  };
  const settle = () => {
    if (looking === 0 && refused.length > 0) void returnAll();
  };
  /** Nothing else frees a place here when another worker takes the run. */
  const untilTaken = async (refusal: Refusal, { runId, attempt }: Job) => {
    while (slots.refused(refusal.kind) === refusal && !stopping.aborted) {
      await pause(askEveryMs, stopping);
      const run = await getRun(db, runId).catch(() => undefined);
      if (run === undefined) continue;
      if (run?.status !== "queued" || run.attempt >= attempt) slots.forget(refusal);
    }
  };

  return {
    consider() {
      looking += 1;
      return () => {
        looking -= 1;
        // Whoever is refused says so first.
        setImmediate(settle);
      };
    },
    giveBack(kind, job, giveBack) {
      // Of several that were refused, the first is the one that others wait for.
      const refusal = slots.refused(kind);
      const isFirst = refusal !== undefined && !watched.has(refusal);
      if (refusal) watched.add(refusal);
      return new Promise((resolve) => {
        refused.push(async () => {
          await giveBack().catch(options.onError);
          if (isFirst) void untilTaken(refusal, job);
          resolve();
        });
      });
    },
  };
}
