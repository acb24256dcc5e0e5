import { health } from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiUnderTest, problemOf, smallStudy, startTestApi } from "./api-harness.js";

describe("every error is a problem document", () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await startTestApi({ bodyLimit: 64 * 1024 });
  });
  afterAll(() => api.close());
  const json = { "content-type": "application/json" };

  it("routes and methods that do not exist", async () => {
    for (const [method, path] of [
      ["GET", "/api/v1/nonsense"],
      ["GET", "/api/v2/sweeps"],
      ["DELETE", "/api/v1/sweeps"],
      ["POST", "/api/v1/sweeps/x/y/z"],
    ] as const) {
      const document = problemOf(await api.call(method, path), 404, "not-found");
      expect(document.detail).toContain(path);
      expect(document.instance).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    }
  });

  it("malformed JSON, with the place; a bare NaN, with what to send instead", async () => {
    const broken = await api.call("POST", "/sweeps", { body: '{"name": "x",}', headers: json });
    expect(problemOf(broken, 400, "invalid-request").detail).toMatch(/not valid JSON/);
    const python = await api.call("POST", "/statistics/ttest_1samp", {
      body: '{"input": {"x": [1.0, NaN, 2.0], "mu": 0}}',
      headers: json,
    });
    expect(problemOf(python, 400, "invalid-request").detail).toContain('send the string "NaN"');
    const poisoned = await api.call("POST", "/sweeps", { body: '{"__proto__": {"x": 1}}', headers: json });
    problemOf(poisoned, 400, "invalid-request");
  });

  it("bodies that are too large, except for statistics, which take 32 MiB", async () => {
    const notes = "x".repeat(100_000);
    problemOf(
      await api.call("POST", "/sweeps", { body: { ...smallStudy, notes } }),
      413,
      "payload-too-large",
    );
    const x = Array.from({ length: 200_000 }, (_, index) => Math.sin(index));
    const large = await api.call("POST", "/statistics/ttest_1samp", { body: { input: { x, mu: 0 } } });
    expect(large.status, large.text.slice(0, 300)).toBe(200);
  });

  it("every wrong field at once, with path, value and suggestion", async () => {
    const answer = await api.call("GET", "/runs?limit=0&statsu=failed&orderBy=postion");
    const { errors = [] } = problemOf(answer, 400, "invalid-request");
    expect(errors).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: "limit", value: '"0"' }),
        expect.objectContaining({ path: "statsu", suggestion: 'Did you mean "status"?' }),
        expect.objectContaining({ path: "orderBy", suggestion: 'Did you mean "position"?' }),
      ]),
    );
  });

  it("addresses and numbers that no database would take", async () => {
    const { id } = await api.createSweep(smallStudy);
    for (const path of [
      "/runs?arm=%00",
      "/environments/%00",
      "/sweeps/%E0%A4%A",
      `/runs/${id}/logs?after=99999999999`,
      `/runs/${id}/logs?attempt=99999999999`,
      "/runs?cursor=nonsense",
    ]) {
      problemOf(await api.call("GET", path), 400, "invalid-request");
    }
    const tooWide = await api.call("POST", "/sweeps", { body: { ...smallStudy, maxParallelRuns: 1e12 } });
    problemOf(tooWide, 422, "invalid-sweep-spec");
    const nul = await api.call("POST", "/sweeps", {
      body: { ...smallStudy, name: "a\u0000b", tags: ["\u0000"] },
    });
    expect([201, 422]).toContain(nul.status);
  });

  it("a client that accepts no event stream", async () => {
    const created = await api.createSweep(smallStudy);
    const answer = await api.call("GET", `/sweeps/${created.id}/events`, {
      headers: { accept: "application/json" },
    });
    problemOf(answer, 406, "unsupported");
  });
});

it("too many requests are refused with a time to wait", async () => {
  const api = await startTestApi({ requestsPerMinute: 3 });
  try {
    const answers = [];
    for (let index = 0; index < 5; index++) answers.push(await api.call("GET", "/sweeps"));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    const last = answers.at(-1);
    if (last) problemOf(last, 429, "too-many-requests");
    expect(Number(last?.headers["retry-after"])).toBeGreaterThan(0);
  } finally {
    await api.close();
  }
});

it("while the database is away, requests get 503 and nothing of what went wrong inside", async () => {
  const api = await startTestApi();
  try {
    const isReady = await api.app.inject({ url: "/readyz", headers: { host: "localhost" } });
    expect(isReady.statusCode).toBe(200);
    expect(health.parse(isReady.json()).checks).not.toHaveProperty("dispatcher");
    api.context.dispatching.since = performance.now() - 20_000;
    const isLate = await api.app.inject({ url: "/readyz", headers: { host: "localhost" } });
    expect([isLate.statusCode, health.parse(isLate.json()).checks.dispatcher]).toEqual([
      200,
      "no round has succeeded for 20 seconds; runs are not handed out",
    ]);
    const recovery = { since: performance.now() - 20_000, undone: "lost runs wait" };
    const justBegun = { since: performance.now(), undone: "nothing yet" };
    api.context.dispatching.beside.set("recovery", recovery).set("search", justBegun);
    const besideIsLate = await api.app.inject({ url: "/readyz", headers: { host: "localhost" } });
    const { checks } = health.parse(besideIsLate.json());
    expect(checks.recovery).toBe("has not ended for 20 seconds; lost runs wait");
    expect(checks).not.toHaveProperty("search");
    await api.loseDatabase();
    const document = problemOf(await api.call("GET", "/sweeps"), 503, "not-ready");
    expect(JSON.stringify(document)).not.toMatch(/prisma|SELECT|ECONN|postgres/i);
    const ready = await api.app.inject({ url: "/readyz", headers: { host: "localhost" } });
    expect(ready.statusCode).toBe(503);
    expect(health.parse(ready.json())).toMatchObject({
      status: "unavailable",
      checks: { database: "unreachable" },
    });
    expect((await api.app.inject({ url: "/healthz", headers: { host: "localhost" } })).statusCode).toBe(200);
  } finally {
    await api.close();
  }
});
