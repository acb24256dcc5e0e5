import { randomUUID } from "node:crypto";
import { pathToFileURL } from "node:url";
import type { QueueBackend } from "./backend.js";
import { consumeRuns } from "./consumer.js";
import { openRunQueues } from "./run-queues.js";

type Throughput = { backend: QueueBackend["kind"]; jobs: number; addMs: number; runMs: number };

/**
 * Adds `jobs` jobs that do nothing and lets one consumer take them: what the queue itself costs. The time of taking
 * runs from the first job to the last, the consumer being connected before.
 */
async function measureThroughput(
  backend: QueueBackend,
  options: { jobs: number; concurrency: number },
): Promise<Throughput> {
  const prefix = `bench-${randomUUID()}`;
  const queue = "runs-nothing-cpu";
  const queues = await openRunQueues({ backend, prefix });
  try {
    const items = Array.from({ length: options.jobs }, () => ({
      name: "train-run" as const,
      payload: { runId: randomUUID(), attempt: 1 },
      priority: 0,
    }));
    const addStart = performance.now();
    await queues.enqueue(queue, items);
    const addMs = performance.now() - addStart;
    let taken = 0;
    let firstAt = 0;
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const consumer = await consumeRuns({
      backend,
      prefix,
      queue,
      concurrency: options.concurrency,
      handle: async () => {
        if (taken === 0) firstAt = performance.now();
        taken += 1;
        if (taken === options.jobs) finish();
      },
    });
    await finished;
    const runMs = performance.now() - firstAt;
    await consumer.close();
    return { backend: backend.kind, jobs: options.jobs, addMs, runMs };
  } finally {
    await queues.close();
  }
}

/** The measurement as a row of a Markdown table: backend, jobs, jobs added per second, jobs done per second. */
function throughputRow(measured: Throughput): string {
  const rate = (ms: number) => Math.round((measured.jobs / ms) * 1000).toLocaleString("en");
  return `| ${measured.backend} | ${measured.jobs} | ${rate(measured.addMs)} | ${rate(measured.runMs)} |`;
}

// node --import tsx packages/queue/src/bench.ts [number of jobs]; servers by DATABASE_URL and REDIS_URL.
if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const jobs = Number(process.argv[2] ?? 2_000);
  const { DATABASE_URL, REDIS_URL } = process.env;
  const backends: QueueBackend[] = [
    ...(DATABASE_URL ? [{ kind: "postgres" as const, url: DATABASE_URL }] : []),
    ...(REDIS_URL ? [{ kind: "redis" as const, url: REDIS_URL }] : []),
  ];
  if (backends.length === 0) throw new Error("Set DATABASE_URL, REDIS_URL or both");
  console.log("| backend | jobs | added per second | done per second |\n|---|---:|---:|---:|");
  for (const backend of backends) {
    console.log(throughputRow(await measureThroughput(backend, { jobs, concurrency: 8 })));
  }
}
