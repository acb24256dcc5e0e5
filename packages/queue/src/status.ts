import { connectQueue, type QueueOptions } from "./backend.js";
import { openRunQueues, type QueueDepth } from "./run-queues.js";

const reachableWithinMs = 3_000;

/** Whether the queue's server answers now. Opens a connection for it: to ask often, keep one and use `depth`. */
export async function isQueueReachable(options: QueueOptions): Promise<boolean> {
  try {
    const connection = await connectQueue(options, reachableWithinMs);
    await connection.close();
    return true;
  } catch {
    return false;
  }
}

/** Jobs that wait and that are being worked on, by queue. @throws QueueUnreachableError */
export async function queueDepths(
  options: QueueOptions,
  queues: readonly string[],
): Promise<Record<string, QueueDepth>> {
  const open = await openRunQueues(options);
  try {
    const entries = await Promise.all(queues.map(async (queue) => [queue, await open.depth(queue)] as const));
    return Object.fromEntries(entries);
  } finally {
    await open.close();
  }
}
