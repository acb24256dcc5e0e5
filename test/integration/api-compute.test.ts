import { pageOf, run, significanceAnalysis } from "@reprise/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type ApiUnderTest,
  announceWorker,
  problemOf,
  smallStudy,
  startTestApi,
  trainRun,
} from "./api-harness.js";

let threaded: ApiUnderTest;
let inline: ApiUnderTest;
beforeAll(async () => {
  [threaded, inline] = await Promise.all([startTestApi({ computeThreads: 1 }), startTestApi()]);
});
afterAll(() => Promise.all([threaded.close(), inline.close()]));

const x = Array.from({ length: 5000 }, (_, i) => Math.sin(i));
const resampled = {
  input: { x, bootstrapDistribution: Array.from({ length: 200_000 }, (_, i) => Math.sin(i) / 70) },
  options: {},
};

it("answers others while a long computation runs, and to the bit what the event loop would have computed", async () => {
  const order: string[] = [];
  const note = async <T>(name: string, answer: Promise<T>) => {
    const value = await answer;
    order.push(name);
    return value;
  };
  const path = "/statistics/bootstrap_ci_from_distribution";
  const [long] = await Promise.all([
    note("long", threaded.call("POST", path, { body: resampled })),
    note("health", threaded.call("GET", "/api/v1/statistics")),
  ]);
  expect(long.status, long.text).toBe(200);
  expect(order).toEqual(["health", "long"]);
  expect((await inline.call("POST", path, { body: resampled })).text).toBe(long.text);
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
  const worker = await announceWorker(threaded);
  const { id } = await threaded.createSweep(smallStudy);
  const { items } = await threaded.get(`/runs?sweepId=${id}`, pageOf(run));
  for (const { id: runId, repeat } of items) {
    await trainRun(threaded, worker, runId, {
      testAccuracy: 0.9 + repeat / 100,
      digest: `${repeat}`.repeat(64),
    });
  }
  const path = `/sweeps/${id}/analyses/significance`;
  expect((await threaded.get(path, significanceAnalysis)).rows).toHaveLength(2);

  const { app } = threaded;
  const url = `/api/v1${path}`;
  const open = (headers = {}) => app.inject({ url, headers: { host: "localhost", ...headers } });
  const first = await open();
  const tag = String(first.headers.etag);
  expect((await open()).body).toBe(first.body);
  expect(await open({ "if-none-match": tag })).toMatchObject({ statusCode: 304, body: "" });
  await threaded.call("PATCH", `/runs/${items[0]?.id}`, {
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
  problemOf(await threaded.call("GET", path.replace(id, id.replace(/^./, "f"))), 404, "not-found");
});
