import { type JobPayload, jobs } from "@reprise/contracts";
import { connectQueue, type JobQueue, jobOptions, type QueueOptions } from "./backend.js";
import { limitErrors } from "./errors.js";

export type RunQueues = {
  /**
   * Adds jobs under their own ids; a job that is there already is left as it is.
   *
   * @param items.priority −1000 … 1000, higher is sooner; among equals the first added is the first taken
   */
  enqueue(
    queue: string,
    items: ReadonlyArray<{ name: "train-run"; payload: JobPayload<"train-run">; priority: number }>,
  ): Promise<void>;
  /** What has become of jobs: those that the queue does not know, or no longer, are missing. */
  states(queue: string, jobIds: readonly string[]): Promise<Map<string, "waiting" | "taken">>;
  /** Puts a job that was taken back, before all that are as urgent, whoever holds it; any other stays as it is. */
  takeBack(queue: string, jobId: string): Promise<void>;
  /** Takes a waiting job out of the queue; one that is being worked on, or is not there, stays as it is. */
  remove(queue: string, jobId: string): Promise<void>;
  /** Jobs that wait and that are being worked on. */
  depth(queue: string): Promise<QueueDepth>;
  close(): Promise<void>;
};

export type QueueDepth = { waiting: number; active: number };

const lowestPriority = -1000;
const highestPriority = 1000;

/** BullMQ takes 0 first, then 1, 2, … */
export function bullPriority(priority: number): number {
  return highestPriority - Math.min(highestPriority, Math.max(lowestPriority, Math.round(priority)));
}

const lookupsAtATime = 50;
const waitingStates = ["waiting", "prioritized", "delayed", "waiting-children"] as const;
const isWaiting = (state: string) => waitingStates.some((word) => word === state);
/** By this the library asks for no lock. */
const anyToken = "0";

/** Queues that are kept open: studies may require ever other things, and each of these has a queue of its own. */
const mostOpen = 64;

/** Opens the queues of a backend for adding jobs. @throws QueueUnreachableError */
export async function openRunQueues(options: QueueOptions): Promise<RunQueues> {
  const connection = await connectQueue(options);
  const report = limitErrors(options.onError);
  /** The one used last is the last. */
  const queues = new Map<string, { queue: JobQueue; users: number }>();
  const closeUnused = () => {
    for (const [name, { queue, users }] of queues) {
      if (queues.size <= mostOpen) return;
      if (users > 0) continue;
      queues.delete(name);
      queue.close().catch(report);
    }
  };
  const using = async <T>(name: string, work: (queue: JobQueue) => Promise<T>): Promise<T> => {
    const open = queues.get(name) ?? { queue: connection.queue(name), users: 0 };
    queues.delete(name);
    queues.set(name, open);
    open.users += 1;
    try {
      return await work(open.queue);
    } finally {
      open.users -= 1;
      closeUnused();
    }
  };
  return {
    async enqueue(queue, items) {
      if (items.length === 0) return;
      const added = items.map(({ name, payload, priority }) => ({
        name,
        data: jobs[name].payload.parse(payload),
        opts: { ...jobOptions, jobId: jobs[name].jobId(payload), priority: bullPriority(priority) },
      }));
      await using(queue, (open) => open.addBulk(added));
    },
    states: (queue, jobIds) =>
      using(queue, async (open) => {
        const found = new Map<string, "waiting" | "taken">();
        for (let start = 0; start < jobIds.length; start += lookupsAtATime) {
          const some = jobIds.slice(start, start + lookupsAtATime);
          const states = await Promise.all(some.map((id) => open.getJobState(id)));
          some.forEach((id, index) => {
            const state = states[index] ?? "unknown";
            if (state === "active") found.set(id, "taken");
            else if (isWaiting(state)) found.set(id, "waiting");
          });
        }
        return found;
      }),
    takeBack: (queue, jobId) =>
      using(queue, async (open) => {
        const job = await open.getJob(jobId);
        await job?.moveToWait(anyToken).catch(async (error: unknown) => {
          // It ended between the two.
          if ((await open.getJobState(jobId)) !== "unknown") throw error;
        });
      }),
    remove: (queue, jobId) =>
      using(queue, async (open) => {
        if ((await open.getJobState(jobId)) === "active") return;
        await open.remove(jobId);
      }),
    async depth(queue) {
      const counts = await using(queue, (open) => open.getJobCounts(...waitingStates, "active"));
      const waiting = waitingStates.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
      return { waiting, active: counts.active ?? 0 };
    },
    async close() {
      await Promise.all([...queues.values()].map(({ queue }) => queue.close()));
      await connection.close();
    },
  };
}
