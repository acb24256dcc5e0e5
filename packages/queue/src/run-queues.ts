import { type JobPayload, jobs } from "@reprise/contracts";
import { connectQueue, type JobQueue, jobOptions, type QueueOptions } from "./backend.js";

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
  /** Those of the job ids that wait or are being worked on. */
  known(queue: string, jobIds: readonly string[]): Promise<Set<string>>;
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
const liveStates: ReadonlySet<string> = new Set([...waitingStates, "active"]);

/** Opens the queues of a backend for adding jobs. @throws QueueUnreachableError */
export async function openRunQueues(options: QueueOptions): Promise<RunQueues> {
  const connection = await connectQueue(options);
  const queues = new Map<string, JobQueue>();
  const open = (name: string): JobQueue => {
    const queue = queues.get(name) ?? connection.queue(name);
    queues.set(name, queue);
    return queue;
  };
  return {
    async enqueue(queue, items) {
      if (items.length === 0) return;
      await open(queue).addBulk(
        items.map(({ name, payload, priority }) => ({
          name,
          data: jobs[name].payload.parse(payload),
          opts: { ...jobOptions, jobId: jobs[name].jobId(payload), priority: bullPriority(priority) },
        })),
      );
    },
    async known(queue, jobIds) {
      const found = new Set<string>();
      for (let start = 0; start < jobIds.length; start += lookupsAtATime) {
        const some = jobIds.slice(start, start + lookupsAtATime);
        const states = await Promise.all(some.map((id) => open(queue).getJobState(id)));
        some.forEach((id, index) => {
          if (liveStates.has(states[index] ?? "unknown")) found.add(id);
        });
      }
      return found;
    },
    async remove(queue, jobId) {
      if ((await open(queue).getJobState(jobId)) === "active") return;
      await open(queue).remove(jobId);
    },
    async depth(queue) {
      const counts = await open(queue).getJobCounts(...waitingStates, "active");
      const waiting = waitingStates.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
      return { waiting, active: counts.active ?? 0 };
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await connection.close();
    },
  };
}
