/**
 * What finding runs costs among 10,000 and 100,000: time, processor time of API and PostgreSQL per request, and how it grows.
 * By itself: `node --import tsx test/bench/search.ts`; as part of `npx pnpm bench`.
 */
import { loadavg } from "node:os";
import { quantile } from "./measures.js";
import { copyRuns, firstOfMany } from "./search-runs.js";
import { serveApi } from "./served-api.js";

/** `SIZES=10000,30000 REQUESTS=8` is for a busy machine. */
const sizes = (process.env.SIZES ?? "10000,100000").split(",").map(Number);
const requests = Number(process.env.REQUESTS ?? 30);

const served = await serveApi();
const { url, db, processorTime } = served;

type Measured = { p50: number; p95: number; api: number; postgres: number };

async function get(path: string): Promise<{ items: unknown[]; nextCursor?: string | null }> {
  const answer = await fetch(`${url}/api/v1${path}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${text}`);
  const body = JSON.parse(text);
  return { ...body, items: body.items ?? body.groups };
}

/** Requests one after the other; the first ones are not counted. */
async function measure(path: string): Promise<Measured> {
  for (let i = 0; i < 3; i += 1) await get(path);
  const times: number[] = [];
  const before = processorTime();
  for (let i = 0; i < requests; i += 1) {
    const began = performance.now();
    await get(path);
    times.push(performance.now() - began);
  }
  const after = processorTime();
  return {
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    api: (after.api - before.api) / requests,
    postgres: (after.postgres - before.postgres) / requests,
  };
}

const filter = (text: string) => `filter=${encodeURIComponent(text)}`;

async function questions(largest: string): Promise<Array<[string, string]>> {
  const own = `sweepId=${largest}`;
  const byMetric = "/runs?orderBy=-metrics.testAccuracy";
  const { nextCursor } = await get(byMetric);
  return [
    ["the first 100 of a study", `/runs?${own}`],
    ["the newest 100", "/runs?orderBy=-createdAt"],
    ["the 100 of the greatest metric", byMetric],
    ["the next 100 of these", `${byMetric}&cursor=${nextCursor}`],
    ["failed runs of a study", `/runs?${own}&${filter("status = 'failed'")}`],
    ["a metric above a bound that few reach", `/runs?${filter("metrics.testAccuracy > 0.998")}`],
    [
      "the same in a study, by another metric",
      `/runs?${own}&orderBy=-metrics.validationAccuracy&${filter("metrics.testAccuracy > 0.95")}`,
    ],
    ["a hyperparameter of 20 runs", `/runs?${filter("params.weightDecay = 0.0002")}`],
    [
      "optimizer and metric, by metric",
      `/runs?${own}&orderBy=-metrics.testAccuracy&${filter("params.optimizer = 'adam' and metrics.validationAccuracy > 0.9")}`,
    ],
    ["groups by optimizer and arm", `/runs/groups?by=params.optimizer,arm&metric=testAccuracy`],
  ];
}

const ms = (value: number | undefined) => (value ?? Number.NaN).toFixed(1);
const exponent = (small: number, large: number) =>
  (
    Math.log(Math.max(large, 0.1) / Math.max(small, 0.1)) / Math.log((sizes[1] ?? 1) / (sizes[0] ?? 1))
  ).toFixed(2);

const row = (name: string, of: readonly Measured[]) => {
  const [a, b] = of;
  const column = (choose: (measured: Measured) => number) => of.map((each) => ms(choose(each))).join(", ");
  const grows = a && b ? exponent(a.api + a.postgres, b.api + b.postgres) : "";
  return `| ${name} | ${column(({ p50 }) => p50)} | ${column(({ p95 }) => p95)} | ${column(({ api }) => api)} | ${column(({ postgres }) => postgres)} | ${grows} |`;
};

try {
  const many = await firstOfMany(db);
  const measured = new Map<string, Measured[]>();
  let from = 1;
  for (const size of sizes) {
    await copyRuns(db, many, from, size);
    from = size;
    for (const [name, path] of await questions(many.largest))
      measured.set(name, [...(measured.get(name) ?? []), await measure(path)]);
  }
  console.log(`
Searches, ${requests} requests each, load ${loadavg()[0]?.toFixed(1)}; milliseconds, at ${sizes.join(" and at ")} runs

| search | p50 | p95 | processor, API | processor, PostgreSQL | growth of the processor time |
|---|---:|---:|---:|---:|---:|
${[...measured].map(([name, of]) => row(name, of)).join("\n")}`);
} finally {
  await served.stop();
}
