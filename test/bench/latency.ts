/**
 * How long another request waits while a bootstrap of a million observations is computed: on the event loop
 * (`REPRISE_COMPUTE_THREADS=0`), and in worker threads.
 */
import { setTimeout as pause } from "node:timers/promises";
import { dataFolder, startReprise } from "../support/start-reprise.js";

const observations = 1_000_000;

/** Times of `GET /healthz`, one after the other, until the bootstrap has answered; milliseconds. */
async function waits(threads: number): Promise<{ longest: number; median: number; computed: number }> {
  const data = dataFolder();
  const server = await startReprise(["--data", data.path], {
    REPRISE_COMPUTE_THREADS: String(threads),
  });
  try {
    const x = Array.from({ length: observations }, (_, i) => Number(Math.sin(i).toFixed(6)));
    const bootstrapDistribution = x.slice(0, 10_000).map((value) => value / 1000);
    const body = JSON.stringify({ input: { x, bootstrapDistribution }, options: {} });
    let answered = false;
    const began = performance.now();
    const long = fetch(`${server.url}/api/v1/statistics/bootstrap_ci_from_distribution`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    }).then(async (answer) => {
      if (!answer.ok) throw new Error(await answer.text());
      answered = true;
      return performance.now() - began;
    });
    const times: number[] = [];
    while (!answered) {
      const asked = performance.now();
      await fetch(`${server.url}/healthz`);
      times.push(performance.now() - asked);
      await pause(5);
    }
    times.sort((a, b) => a - b);
    return { longest: times.at(-1) ?? 0, median: times[times.length >> 1] ?? 0, computed: await long };
  } finally {
    await server.stop();
    data.remove();
  }
}

console.log(`
| GET /healthz during a bootstrap of 10^6 observations | median | longest | the bootstrap |
|---|---:|---:|---:|`);
for (const threads of [0, 1]) {
  const { median, longest, computed } = await waits(threads);
  const where = threads === 0 ? "on the event loop" : "in a worker thread";
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  console.log(`| computed ${where} | ${ms(median)} | ${ms(longest)} | ${ms(computed)} |`);
}
