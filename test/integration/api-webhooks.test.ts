import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { startWebhookSender } from "@reprise/api";
import { pageOf, run, webhook, webhookList, webhookMessage } from "@reprise/contracts";
import { finishAttempt, writeBatch } from "@reprise/database";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  type ApiUnderTest,
  announceWorker,
  claim,
  metricBatch,
  problemOf,
  startTestApi,
  type TestWorker,
} from "./api-harness.js";

let api: ApiUnderTest;
let worker: TestWorker;
beforeAll(async () => {
  api = await startTestApi();
  worker = await announceWorker(api);
});
afterAll(() => api.close());

type Received = { path: string; headers: IncomingMessage["headers"]; body: string };

/** A real server on this machine that answers as it is told to. */
async function receiver(answers: number[] = []) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      received.push({ path: request.url ?? "", headers: request.headers, body });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("no port");
  return { received, url: `http://127.0.0.1:${address.port}` };
}

function sender(retryMs: readonly number[] = [20, 20, 20]) {
  const started = startWebhookSender(api.context, { roundMs: 20, retryMs });
  onTestFinished(() => started.stop());
  return started;
}

async function create(body: object) {
  const answer = await api.call("POST", "/webhooks", { body });
  expect(answer.status, answer.text).toBe(201);
  const made = webhook.parse(answer.json);
  onTestFinished(async () => void (await api.call("DELETE", `/webhooks/${made.id}`)));
  return made;
}
const read = async (id: string) =>
  (await api.get("/webhooks", webhookList)).items.find((item) => item.id === id);

async function sweepOf(seeds: number[]) {
  const { id } = await api.createSweep({ name: "told <of>", dataset: "wdbc", seeds });
  const { items } = await api.get(`/runs?sweepId=${id}`, pageOf(run));
  return { id, runIds: items.map((item) => item.id) };
}

describe("webhooks", () => {
  it("tell once of the first failure and of the end, signed, and again after a retry", async () => {
    const { received, url } = await receiver();
    const secret = "a long shared secret";
    await create({ name: "generic", kind: "generic", url: `${url}/in?key=1`, secret });
    sender();
    const { id, runIds } = await sweepOf([0, 1, 2]);
    const fail = async (runId: string | undefined) =>
      finishAttempt(api.db, await claim(api, worker, runId ?? ""), {
        status: "failed",
        error: { kind: "user", message: "no", hint: null },
      });
    await fail(runIds[0]);
    await expect.poll(() => received.length).toBe(1);
    await fail(runIds[1]);
    const diverging = await claim(api, worker, runIds[2] ?? "");
    await writeBatch(api.db, diverging, metricBatch(0, 1, { trainLoss: Number.NaN }));
    await finishAttempt(api.db, diverging, {
      status: "succeeded",
      digest: "ab".repeat(32),
      selectedEpoch: 1,
      phases: { train: 1 },
      energy: null,
    });
    await expect.poll(() => received.length).toBe(2);
    const [first, end] = received.map(({ body }) => webhookMessage.parse(JSON.parse(body)));
    expect(first).toMatchObject({ event: "run-failed", sweep: { id, failed: 1 } });
    expect(end).toMatchObject({
      event: "sweep-ended",
      url: `http://localhost/sweeps/${id}`,
      sweep: { status: "failed", succeeded: 1, failed: 2, diverged: 1, totalRuns: 3 },
    });
    expect(end?.text).toBe(
      '"told <of>" has ended with failures: 1 of 3 runs succeeded, 2 failed, 1 diverged.',
    );
    const last = received[1];
    expect(last?.path).toBe("/in?key=1");
    expect(last?.headers["x-reprise-signature"]).toBe(
      `sha256=${createHmac("sha256", secret)
        .update(last?.body ?? "")
        .digest("hex")}`,
    );

    expect((await api.call("POST", `/sweeps/${id}/retry-failed`)).status).toBe(200);
    for (const runId of runIds.slice(0, 2)) {
      const ref = await claim(api, worker, runId, 2);
      await finishAttempt(api.db, ref, {
        status: "succeeded",
        digest: "cd".repeat(32),
        selectedEpoch: null,
        phases: {},
        energy: null,
      });
    }
    await expect.poll(() => received.length).toBe(3);
    expect(JSON.parse(received[2]?.body ?? "")).toMatchObject({ event: "sweep-ended", sweep: { failed: 0 } });
  });

  it("try again until the other side takes it, and give up after the last try", async () => {
    const patient = await receiver([503, 500, 200]);
    const deaf = await receiver([500, 500, 500, 500, 500]);
    const first = await create({ name: "patient", kind: "slack", url: patient.url, events: ["sweep-ended"] });
    const second = await create({ name: "deaf", kind: "teams", url: deaf.url, events: ["sweep-ended"] });
    sender([20, 20]);
    for (const { id } of [first, second]) {
      expect((await api.call("POST", `/webhooks/${id}/test`)).status).toBe(202);
    }
    await expect
      .poll(async () => (await read(first.id))?.lastDelivery)
      .toMatchObject({
        event: "test",
        status: "delivered",
        tries: 3,
        answer: "answered 200",
      });
    await expect
      .poll(async () => (await read(second.id))?.lastDelivery)
      .toMatchObject({ status: "failed", tries: 3, answer: "answered 500" });
    expect(deaf.received).toHaveLength(3);
    expect(JSON.parse(patient.received[0]?.body ?? "")).toEqual({
      text: "Reprise reaches you here. <http://localhost|Look at it>",
    });
    expect(JSON.parse(deaf.received[0]?.body ?? "")).toMatchObject({
      type: "message",
      attachments: [{ contentType: "application/vnd.microsoft.card.adaptive" }],
    });
  });

  it("keep no stop waiting that do not answer, and are told again when the lease of the try ends", async () => {
    const server = createServer();
    const asked = once(server, "request");
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const address = server.address();
    if (typeof address !== "object" || !address) throw new Error("no port");
    const { id } = await create({ name: "mute", kind: "generic", url: `http://127.0.0.1:${address.port}` });
    const { stop } = sender([]);
    await api.call("POST", `/webhooks/${id}/test`);
    await asked;
    const stoppedAt = performance.now();
    await stop();
    expect(performance.now() - stoppedAt).toBeLessThan(2_000);
    expect((await read(id))?.lastDelivery).toMatchObject({ status: "pending", tries: 1, answer: null });
  });

  it("keep their address and secret to themselves, and say why nobody was reached", async () => {
    const url = "http://127.0.0.1:9/services/T000/B000/very-secret";
    const { id } = await create({ name: "nobody", kind: "generic", url, secret: "shared secret" });
    sender([]);
    await api.call("POST", `/webhooks/${id}/test`);
    await expect.poll(async () => (await read(id))?.lastDelivery?.status).toBe("failed");
    const listed = await api.call("GET", "/webhooks");
    expect(listed.text).not.toContain("very-secret");
    expect(listed.text).not.toContain("shared secret");
    expect((await read(id))?.host).toBe("127.0.0.1:9");
    expect((await read(id))?.lastDelivery?.answer).toMatch(/bad port|ECONNREFUSED/);
    expect((await api.call("DELETE", `/webhooks/${id}`)).status).toBe(204);
    problemOf(await api.call("POST", `/webhooks/${id}/test`), 404, "not-found");
    const wrong = { name: "x", kind: "generic", url: "file:///etc/passwd" };
    problemOf(await api.call("POST", "/webhooks", { body: wrong }), 400, "invalid-request");
  });
});
