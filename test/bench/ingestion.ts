/**
 * Points a second that runs trained elsewhere can report over HTTP, by one writer and by eight, and what a point costs.
 * By itself: `node --import tsx test/bench/ingestion.ts`; as part of `npx pnpm bench`.
 */
import { loadavg } from "node:os";
import { printGoals } from "./goals.js";
import { serveApi } from "./served-api.js";

const batch = 10_000;
const batches = 48;

const served = await serveApi();
const { url, db, processorTime } = served;

async function post(path: string, body: string): Promise<{ id: string }> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${text}`);
  return JSON.parse(text);
}

/** A batch of five metrics as a program sends it, made before anything is measured. */
function bodyOf(number: number): string {
  const steps = Array.from({ length: batch / 5 }, (_, index) => number * (batch / 5) + index);
  const series = ["loss", "accuracy", "gradNorm", "learningRate", "tokens"].map((key, at) => [
    key,
    { steps, values: steps.map((step) => Math.sin(step + at)), wallTimes: steps.map((step) => step / 10) },
  ]);
  return JSON.stringify({ series: Object.fromEntries(series) });
}

async function written(writers: number): Promise<{ perSecond: number; api: number; postgres: number }> {
  const runs = await Promise.all(
    Array.from({ length: writers }, (_, seed) =>
      post("/runs", JSON.stringify({ study: `by ${writers}`, seed })),
    ),
  );
  const before = processorTime();
  const began = performance.now();
  await Promise.all(
    runs.map(async ({ id }) => {
      for (let n = 0; n < batches / writers; n += 1) await post(`/runs/${id}/metrics`, bodies[n] ?? "");
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const after = processorTime();
  const millions = (batch * batches) / 1e6;
  return {
    perSecond: (batch * batches) / seconds,
    api: (after.api - before.api) / millions,
    postgres: (after.postgres - before.postgres) / millions,
  };
}

const bodies = Array.from({ length: batches }, (_, number) => bodyOf(number));

try {
  await written(2);
  const rows = [];
  for (const writers of [1, 8]) rows.push({ writers, ...(await written(writers)) });
  const [size] = await db.prisma.$queryRaw<Array<{ bytes: number }>>`
    SELECT (pg_total_relation_size('metric_chunks')::float8
      / (SELECT sum(cardinality(steps)) FROM metric_chunks))::float8 AS bytes`;
  console.log(`
Metrics over HTTP in batches of ${batch}, ${batches} each, load ${loadavg()[0]?.toFixed(1)}; ${size?.bytes.toFixed(1)} bytes a point are stored

| writers | points a second | processor of the API, ms a million points | of PostgreSQL |
|---|---:|---:|---:|
${rows.map(({ writers, perSecond, api, postgres }) => `| ${writers} | ${perSecond.toFixed(0)} | ${api.toFixed(0)} | ${postgres.toFixed(0)} |`).join("\n")}`);
  const [one, eight] = rows.map(({ perSecond }) => perSecond);
  printGoals(
    [
      {
        what: "points of eight writers",
        wanted: 500_000,
        measured: eight ?? 0,
        unit: "a second",
        more: true,
      },
      {
        what: "eight writers against one",
        wanted: 2,
        measured: (eight ?? 0) / (one ?? 1),
        unit: "times",
        more: true,
      },
      { what: "storage of a point", wanted: 20, measured: size?.bytes ?? Number.NaN, unit: "bytes" },
    ],
    loadavg()[0],
  );
} finally {
  await served.stop();
}
