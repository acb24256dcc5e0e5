import { EventEmitter, once } from "node:events";
import {
  auditReport,
  comparisonAnswer,
  pageOf,
  type Run,
  run,
  significanceAnalysis,
  verification,
} from "@reprise/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../support/database-fixtures.js";
import {
  type ApiUnderTest,
  announceWorker,
  problemOf,
  runDispatcher,
  smallStudy,
  startTestApi,
  trainRun,
} from "./api-harness.js";

let threaded: ApiUnderTest;
let inline: ApiUnderTest;
let sweepId: string;
let runs: Run[];
beforeAll(async () => {
  [threaded, inline] = await Promise.all([startTestApi({ computeThreads: 1 }), startTestApi()]);
  const worker = await announceWorker(threaded);
  sweepId = (await threaded.createSweep(smallStudy)).id;
  runs = (await threaded.get(`/runs?sweepId=${sweepId}`, pageOf(run))).items;
  for (const { id, repeat } of runs) {
    await trainRun(threaded, worker, id, {
      testAccuracy: 0.9 + repeat / 100,
      digest: `${repeat}`.repeat(64),
    });
  }
});
afterAll(() => Promise.all([threaded.close(), inline.close()]));

const x = Array.from({ length: 5000 }, (_, i) => Math.sin(i));
const resampled = {
  input: { x, bootstrapDistribution: Array.from({ length: 200_000 }, (_, i) => Math.sin(i) / 70) },
  options: {},
};

/** Names of calls made together, in the order in which they were answered. */
async function inOrder(...calls: Array<[string, Promise<unknown>]>): Promise<string[]> {
  const order: string[] = [];
  await Promise.all(calls.map(([name, answer]) => answer.then(() => order.push(name))));
  return order;
}

const health = () => threaded.app.inject({ url: "/healthz", headers: { host: "localhost" } });

it("answers others while a long computation runs, and to the bit what the event loop would have computed", async () => {
  const path = "/statistics/bootstrap_ci_from_distribution";
  const long = threaded.call("POST", path, { body: resampled });
  expect(await inOrder(["long", long], ["health", health()])).toEqual(["health", "long"]);
  const { status, text } = await long;
  expect(status, text).toBe(200);
  expect((await inline.call("POST", path, { body: resampled })).text).toBe(text);
});

it("compares a replica with its run in a thread, beside the dispatcher", async () => {
  const worker = await announceWorker(threaded, "replicas");
  const [source] = runs;
  const path = `/runs/${source?.id}/verify`;
  const asked = verification.parse((await threaded.call("POST", path)).json);
  await trainRun(threaded, worker, asked.replicaRunId, { testAccuracy: 0.9, digest: "f".repeat(64) });
  runDispatcher(threaded);
  await eventually(async () => (await threaded.get(`/verifications/${asked.id}`, verification)).status).toBe(
    "ended",
  );
});

it("a long report waits for no long statistic", async () => {
  const { id } = run.parse((await threaded.call("POST", "/runs", { body: {} })).json);
  const long = Array.from({ length: 60_000 }, (_, at) => Math.sin(at));
  const scores = { input: { x: long, y: long }, options: { resamples: 400 } };
  const cases = 32_000;
  const predictions = {
    ids: long.slice(0, cases).map((_, at) => `case ${at}`),
    classes: ["benign", "malignant"],
    labels: Array(cases).fill(1),
    scores: Array(cases).fill([0.125, 0.875]),
  };
  const statistic = threaded.call("POST", "/statistics/almost_stochastic_order", { body: scores });
  const report = threaded.call("POST", `/runs/${id}/predictions`, { body: predictions });
  expect(await inOrder(["statistic", statistic], ["report", report])).toEqual(["report", "statistic"]);
  expect([(await statistic).status, (await report).status]).toEqual([200, 200]);
});

const rows = Array.from({ length: 200 }, (_, i) => `model ${i},${(50 + (i % 50)).toFixed(2)},0.9,0.8`);
const tables = Array.from({ length: 6 }, (_, index) => ({
  name: `Table ${index}`,
  csv: ["model,acc,sens,spec", ...rows].join("\n"),
  columns: {
    model: "identity",
    acc: { role: "accuracy", unit: "percent", prevalence: 0.5 },
    sens: { role: "sensitivity", unit: "fraction" },
    spec: { role: "specificity", unit: "fraction" },
  },
}));
const largeTables = { tables };

it("checks large pasted tables beside the event loop, to the letter as on it", async () => {
  const body = largeTables;
  const audit = threaded.call("POST", "/audits", { body });
  expect(await inOrder(["audit", audit], ["health", health()])).toEqual(["health", "audit"]);
  const { status, text, json } = await audit;
  expect(status, text).toBe(200);
  expect(auditReport.parse(json).findings.length).toBeGreaterThan(0);
  expect((await inline.call("POST", "/audits", { body })).text).toBe(text);
});

it("brings what is refused back from the thread as a problem with field and way out", async () => {
  const body = { input: { x: [...x, "1"], bootstrapDistribution: [1] }, options: {} };
  const path = "/statistics/bootstrap_ci_from_distribution";
  const refused = problemOf(await threaded.call("POST", path, { body }), 400, "invalid-request");
  expect(refused).toEqual({
    ...problemOf(await inline.call("POST", path, { body }), 400, "invalid-request"),
    instance: refused.instance,
  });
  expect(refused.errors?.[0]?.path).toContain("x");
});

it("computes analyses beside the event loop, on a connection of its own", async () => {
  const path = `/sweeps/${sweepId}/analyses/significance`;
  expect((await threaded.get(path, significanceAnalysis)).rows).toHaveLength(2);

  const { app } = threaded;
  const url = `/api/v1${path}`;
  const open = (headers = {}) => app.inject({ url, headers: { host: "localhost", ...headers } });
  const first = await open();
  const tag = String(first.headers.etag);
  expect((await open()).body).toBe(first.body);
  expect(await open({ "if-none-match": tag })).toMatchObject({ statusCode: 304, body: "" });
  await threaded.call("PATCH", `/runs/${runs[0]?.id}`, {
    body: { excludedReason: "The machine overheated." },
  });
  const changed = await open({ "if-none-match": tag });
  expect(changed.statusCode).toBe(200);
  expect(significanceAnalysis.parse(changed.json()).provenance.runsExcluded).toHaveLength(1);

  const { errors } = problemOf(
    await threaded.call("GET", `${path}?metric=testAcuracy`),
    400,
    "invalid-request",
  );
  expect(errors?.[0]?.suggestion).toBe('Did you mean "testAccuracy"?');
  problemOf(await threaded.call("GET", path.replace(sweepId, sweepId.replace(/^./, "f"))), 404, "not-found");
});

/** Keeps others from reading runs; what is returned lets them. */
async function lockRuns(api: ApiUnderTest): Promise<() => Promise<void>> {
  const released = new EventEmitter();
  let held: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve) => {
    held = api.db.prisma.$transaction(
      async (sql) => {
        await sql.$executeRaw`LOCK TABLE runs IN ACCESS EXCLUSIVE MODE`;
        const end = once(released, "end");
        resolve();
        await end;
      },
      { timeout: 60_000 },
    );
  });
  return async () => {
    released.emit("end");
    await held;
  };
}

it("computes in the one thread that there is: while it waits, what is large waits with it, and nobody else", async () => {
  const unlock = await lockRuns(threaded);
  const path = `/sweeps/${sweepId}/analyses/variance`;
  const analysis = threaded.call("GET", path);
  const waiting = () => threaded.db.prisma.$queryRaw`
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  await eventually(waiting).not.toEqual([]);
  const statistic = threaded.call("POST", "/statistics/bootstrap_ci_from_distribution", { body: resampled });
  const audit = threaded.call("POST", "/audits", { body: largeTables });
  const comparison = threaded.call("POST", "/comparisons", {
    body: { sweepId, metrics: ["testAccuracy"], groups: [{ name: "a" }, { name: "b" }] },
  });
  const others = health().then(unlock);
  const order = await inOrder(
    ["analysis", analysis],
    ["statistic", statistic],
    ["audit", audit],
    ["comparison", comparison],
    ["health", others],
  );
  expect(order.indexOf("analysis")).toBeLessThan(
    Math.min(...["statistic", "audit", "comparison"].map((name) => order.indexOf(name))),
  );
  for (const { status, text } of await Promise.all([analysis, statistic, audit, comparison]))
    expect(status, text).toBe(200);
});

/** How many connections the event loop has to the database. */
const poolSize = 10;

/** Takes them all; what is returned gives them back. */
async function takeConnections(api: ApiUnderTest): Promise<() => Promise<void>> {
  const released = new EventEmitter();
  const taken: Array<Promise<unknown>> = [];
  for (let connection = 0; connection < poolSize; connection++) {
    await new Promise<void>((resolve) => {
      const hold = api.db.prisma.$transaction(
        async (sql) => {
          await sql.$queryRaw`SELECT 1`;
          const end = once(released, "end");
          resolve();
          await end;
        },
        { timeout: 60_000 },
      );
      taken.push(hold);
    });
  }
  return async () => {
    released.emit("end");
    await Promise.all(taken);
  };
}

it("compares runs beside the event loop, on a connection of its own, while others are answered", async () => {
  const groups = Array.from({ length: 8 }, (_, index) => ({
    name: `group ${index}`,
    filter: `params.optimizer = '${index % 2 === 0 ? "adam" : "sgd"}'`,
  }));
  const body = { sweepId, groups, metrics: ["testAccuracy", "testAuc", "validationAccuracy", "trainLoss"] };

  const giveBack = await takeConnections(threaded);
  const comparison = threaded.call("POST", "/comparisons", { body });
  expect(await inOrder(["comparison", comparison], ["health", health()])).toEqual(["health", "comparison"]);
  await giveBack();
  const { status, text, json } = await comparison;
  expect(status, text).toBe(200);
  expect(comparisonAnswer.parse(json).comparisons).toHaveLength(4 * 28);

  const wrong = { ...body, metrics: ["testAcuracy"] };
  const { errors } = problemOf(
    await threaded.call("POST", "/comparisons", { body: wrong }),
    400,
    "invalid-request",
  );
  expect(errors?.[0]).toMatchObject({ path: "metrics[0]", suggestion: 'Did you mean "testAccuracy"?' });
});
