import { consumeRuns, type QueueBackend } from "@reprise/queue";

// A consumer in a process of its own, to be killed: takes one job, says so, and never finishes it.

const [kind, url, prefix, queue] = process.argv.slice(2);
if ((kind !== "postgres" && kind !== "redis") || !url || !prefix || !queue) {
  throw new Error("usage: queue-consumer postgres|redis <url> <prefix> <queue>");
}
const backend: QueueBackend = { kind, url };
await consumeRuns({
  backend,
  prefix,
  queue,
  concurrency: 1,
  handle: (payload) => {
    console.log(payload.runId);
    return new Promise(() => {});
  },
});
