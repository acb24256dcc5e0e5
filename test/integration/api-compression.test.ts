import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { createBrotliDecompress, createGunzip, gunzipSync } from "node:zlib";
import { liveEvent, pageOf, run } from "@reprise/contracts";
import { writeBatch } from "@reprise/database";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import {
  type ApiUnderTest,
  announceWorker,
  claim,
  metricBatch,
  smallStudy,
  startTestApi,
} from "./api-harness.js";

let api: ApiUnderTest;
let sweepId: string;
let url: string;
beforeAll(async () => {
  api = await startTestApi();
  await announceWorker(api);
  sweepId = (await api.createSweep(smallStudy)).id;
  url = await api.app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => api.close());

/** The answer as it comes over the wire, not unpacked. */
async function open(path: string, headers: Record<string, string>): Promise<IncomingMessage> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${url}${path}`, { headers, agent: false }, resolve).on("error", reject);
  });
  onTestFinished(() => void response.destroy());
  return response;
}

const plain = (path: string) => open(path, {}).then(text);

it.each([
  ["gzip", "gzip", createGunzip],
  ["br", "br", createBrotliDecompress],
  ["gzip, deflate, br, zstd", "br", createBrotliDecompress],
] as const)("sends runs to a client that takes %s as %s", async (accepted, encoding, unpack) => {
  const path = `/api/v1/runs?sweepId=${sweepId}`;
  const response = await open(path, { "accept-encoding": accepted });
  expect(response.headers).toMatchObject({ "content-encoding": encoding, vary: "accept-encoding" });
  let received = 0;
  response.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
  const body = await text(response.pipe(unpack()));
  expect(body).toBe(await plain(path));
  expect(received).toBeLessThan(body.length / 3);
});

it("sends analyses, the OpenAPI document and problems so, too, and short answers as they are", async () => {
  const headers = { "accept-encoding": "gzip" };
  for (const path of [`/api/v1/sweeps/${sweepId}/analyses/determinism`, "/api/v1/openapi.json", "/metrics"]) {
    expect((await open(path, headers)).headers["content-encoding"], path).toBe("gzip");
  }
  expect((await open("/healthz", headers)).headers["content-encoding"]).toBeUndefined();
  const groups = Array.from({ length: 20 }, (_, index) => ({ name: `g${index}`, filter: "parms.x = 1" }));
  const refused = await api.app.inject({
    method: "POST",
    url: "/api/v1/comparisons",
    headers: { host: "localhost", ...headers },
    payload: { sweepId, metrics: ["testAccuracy"], groups },
  });
  expect(refused.headers["content-encoding"]).toBe("gzip");
  expect(JSON.parse(gunzipSync(refused.rawPayload).toString())).toMatchObject({ status: 400 });
});

it("names a copy in whichever encoding by one tag", async () => {
  const path = `/api/v1/sweeps/${sweepId}/analyses/determinism`;
  const { etag = "" } = (await open(path, { "accept-encoding": "br" })).headers;
  expect((await open(path, { "accept-encoding": "gzip", "if-none-match": etag })).statusCode).toBe(304);
});

it("keeps event streams live and as they are, whatever the client takes", async () => {
  const { items } = await api.get(`/runs?sweepId=${sweepId}`, pageOf(run));
  const worker = await announceWorker(api);
  const ref = await claim(api, worker, items[0]?.id ?? "");
  const stream = await open(`/api/v1/runs/${items[0]?.id}/events`, {
    accept: "text/event-stream",
    "accept-encoding": "gzip, br",
  });
  expect(stream.headers["content-encoding"]).toBeUndefined();
  const chunks = stream.setEncoding("utf8")[Symbol.asyncIterator]();
  expect((await chunks.next()).value).toContain("event: hello");
  // Each is awaited before the next is written: nothing holds it back until there is more.
  for (const step of [1, 2, 3]) {
    await writeBatch(api.db, ref, metricBatch(step - 1, step, { trainLoss: 1 / step }));
    const [, data = ""] = /^data: (.*)$/m.exec((await chunks.next()).value) ?? [];
    expect(liveEvent.parse(JSON.parse(data))).toMatchObject({ type: "metrics", lastStep: step });
  }
});
