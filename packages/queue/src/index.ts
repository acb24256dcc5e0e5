export type { QueueBackend, QueueOptions } from "./backend.js";
export {
  consumeRuns,
  type GiveBack,
  openRunConsumers,
  type RunConsumer,
} from "./consumer.js";
export { QueueUnreachableError } from "./errors.js";
export { queueName } from "./queue-name.js";
export { openRunQueues, type QueueDepth, type RunQueues } from "./run-queues.js";
export { isQueueReachable, queueDepths } from "./status.js";
