import { randomUUID } from "node:crypto";
import { createApi } from "@reprise/api";
import { openTracing, within } from "@reprise/tracing";
import { expect, onTestFinished, test } from "vitest";
import { startCollector, withVariables } from "../support/collector.js";
import { testDatabase } from "../support/postgres.js";
import { testApiConfig } from "../support/test-server.js";

// What is sent, when, and that nobody waits for it. The trace of a run stands in verification.test.ts.

const service = { name: "reprise-test", version: "1.2.3", instanceId: "one" };

async function collector(answer?: () => number | null) {
  const started = await startCollector(answer);
  onTestFinished(() => started.close());
  return started;
}
function variables(values: Record<string, string>) {
  onTestFinished(withVariables(values));
}
async function opened() {
  const troubles: string[] = [];
  const tracing = await openTracing(service, ({ message }) => troubles.push(message));
  return { tracing, troubles };
}
type Opened = Awaited<ReturnType<typeof opened>>["tracing"];

/** A request with something done in it, and what that tells the next process. */
async function trace(tracing: Opened, parent?: string) {
  const span = tracing.start("outer", { kind: "server", parent, attributes: { "http.route": "/x" } });
  const told = await within(span, "inner", async ({ traceparent }) => traceparent);
  await within(span, "failing", () => Promise.reject(new TypeError("secret words"))).catch(() => {});
  span.end();
  return told;
}

const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

test("spans reach the collector as one trace, with no words of errors", async () => {
  const { spans, until } = await collector();
  const { tracing, troubles } = await opened();
  const told = await trace(tracing, parent);
  const outer = await until(({ name }) => name === "outer");
  expect(outer).toMatchObject({
    kind: 2,
    parentSpanId: "b7ad6b7169203331",
    attributes: { "http.route": "/x" },
    resource: { "service.name": "reprise-test", "service.version": "1.2.3", "service.instance.id": "one" },
  });
  const [inner, failing] = ["inner", "failing"].map((name) => spans.find((span) => span.name === name));
  expect(told).toBe(`00-${outer.traceId}-${inner?.spanId}-01`);
  expect(failing).toMatchObject({ attributes: { "error.type": "TypeError" }, status: { code: 2 } });
  for (const span of [inner, failing]) expect(span?.parentSpanId).toBe(outer.spanId);
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([parent.slice(3, 35)]));
  expect(JSON.stringify(spans)).not.toContain("secret");
  await tracing.close();
  expect(troubles).toEqual([]);
});

test("a span of a request has its route, and not the file that its path names", async () => {
  const { spans, until } = await collector();
  const database = await testDatabase();
  onTestFinished(() => database.drop());
  const api = createApi(testApiConfig(database.url));
  onTestFinished(() => api.stop());
  const { url } = await api.start();
  const path = `/api/v1/runs/${randomUUID()}/files/secret-plan.csv?sha256=${"0".repeat(64)}`;
  await fetch(url + path, { method: "PUT", body: "1" });
  const { attributes } = await until(({ name }) => name === "PUT /api/v1/runs/:id/files/:name");
  expect(attributes).toMatchObject({ "http.route": "/api/v1/runs/:id/files/:name" });
  expect(JSON.stringify(spans)).not.toContain("secret");
});

test("nothing is sent without an endpoint, switched off, or where the caller's trace is not sampled", async () => {
  const { spans, answered, until } = await collector();
  const switches: Record<string, string>[] = [
    { OTEL_EXPORTER_OTLP_ENDPOINT: " " },
    { OTEL_SDK_DISABLED: "true" },
    { OTEL_TRACES_EXPORTER: "none" },
  ];
  for (const off of switches) {
    const restore = withVariables(off);
    const { tracing } = await opened();
    restore();
    expect(await trace(tracing, parent)).toBe(null);
    await tracing.close();
  }
  const { tracing } = await opened();
  expect(await trace(tracing, parent.replace(/01$/, "00"))).toMatch(
    /^00-0af7651916cd43dd8448eb211c80319c-.*-00$/,
  );
  // What is sent after them arrives after them.
  variables({ OTEL_SERVICE_NAME: "mine" });
  const named = await opened();
  await trace(named.tracing, "nonsense");
  await until(({ name }) => name === "outer");
  await Promise.all([tracing.close(), named.tracing.close()]);
  expect(spans.map(({ resource }) => resource["service.name"])).toEqual(["mine", "mine", "mine"]);
  expect(answered()).toBeGreaterThan(0);
});

test("an endpoint that is none is told, and nothing is traced", async () => {
  variables({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "localhost:4318" });
  const { tracing, troubles } = await opened();
  expect(await trace(tracing)).toBe(null);
  expect(troubles).toEqual([
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT (value localhost:4318) is no address of http or https: nothing is traced. Give one as http://127.0.0.1:4318.",
  ]);
});

test("a collector that refuses is told of once every time that it begins to", async () => {
  const statuses = [400, 400, 200, 400];
  const { answered } = await collector(() => statuses[answered()] ?? 200);
  const { tracing, troubles } = await opened();
  for (const sent of statuses.keys()) {
    tracing.start("one").end();
    await expect.poll(answered).toBe(sent + 1);
  }
  await tracing.close();
  expect(troubles).toHaveLength(2);
});

test("nobody waits for a collector that never answers", async () => {
  const { spans } = await collector(() => null);
  const { tracing } = await opened();
  await trace(tracing);
  await expect.poll(() => spans.length).toBeGreaterThan(0);
  const before = performance.now();
  await tracing.close();
  // By itself the library would wait ten seconds.
  expect(performance.now() - before).toBeLessThan(5_000);
});
