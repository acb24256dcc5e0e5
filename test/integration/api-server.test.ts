import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { type ApiConfig, ConfigError, createApi, createLogger } from "@reprise/api";
import { pageOf, sweep } from "@reprise/contracts";
import { connectDatabase } from "@reprise/database";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { testDatabase } from "../support/postgres.js";
import { testApiConfig } from "../support/test-server.js";

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

let database: { url: string; drop(): Promise<void> };
let config: ApiConfig;
beforeAll(async () => {
  database = await testDatabase();
  config = testApiConfig(database.url);
});
afterAll(() => database.drop());

/** An API, and the last that it said. */
function talkingApi() {
  const log = createLogger("silent");
  const said = vi.spyOn(log, "info");
  return { api: createApi(config, { log }), lastSaid: () => said.mock.lastCall };
}

it("starts, feeds the queue, measures itself, and stops", async () => {
  const api = createApi(config);
  const { url } = await api.start();
  const created = await fetch(`${url}/api/v1/sweeps`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "x", dataset: "wdbc" }),
  });
  expect(created.status).toBe(201);

  const dispatched = async () =>
    /^reprise_dispatched_runs_total 1$/m.test(await (await fetch(`${url}/metrics`)).text());
  await expect.poll(dispatched, { timeout: 20_000 }).toBe(true);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(
    /reprise_http_request_duration_seconds_count\{route="\/api\/v1\/sweeps",method="POST",status="201"\} 1/,
  );
  expect(metrics).toMatch(/^process_cpu_seconds_total/m);
  // What is written of them, and drawn from them, is what there is.
  const own = [...metrics.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
  const reprise = own.filter((name) => name?.startsWith("reprise_")).sort();
  const documented = read("docs/operations.md").matchAll(/^\| `(reprise_\w+)` \|/gm);
  expect([...documented].map(([, name]) => name).sort()).toEqual(reprise);
  const drawn = read("deploy/grafana/reprise.json").matchAll(/\b(?:reprise|nodejs|process)_\w+/g);
  for (const [name] of drawn) expect(own).toContain(name.replace(/_(bucket|count|sum)$/, ""));

  await api.stop();
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  await api.stop();
});

it("finds everything again after a restart", async () => {
  const api = createApi(config);
  const { url } = await api.start();
  const { items } = pageOf(sweep).parse(await (await fetch(`${url}/api/v1/sweeps`)).json());
  expect(items.map(({ name, status }) => [name, status])).toEqual([["x", "queued"]]);
  await api.stop();
});

it("stops within five seconds while a silent session holds up its round", async () => {
  const { api, lastSaid } = talkingApi();
  const { url } = await api.start();
  const other = connectDatabase({ url: config.databaseUrl, maxConnections: 2 });
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  // As a process does that falls silent in the middle of a transaction.
  const holding = other.prisma.$transaction(
    async (sql) => {
      await sql.$executeRaw`LOCK TABLE runs IN ACCESS EXCLUSIVE MODE`;
      await released;
    },
    { timeout: 60_000 },
  );
  const waiting = async () =>
    (
      await other.prisma.$queryRaw<unknown[]>`
      SELECT 1 FROM pg_locks WHERE relation = 'runs'::regclass AND NOT granted`
    ).length > 0;
  await expect.poll(waiting, { timeout: 20_000 }).toBe(true);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const inHand = fetch(`${url}/api/v1/runs`).catch(() => null);
  const startedAt = performance.now();
  await api.stop();
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(lastSaid()).toEqual(["stopped; the database holds up what was in hand"]);
  release();
  await holding;
  await inHand;
  await other.close();
});

/** A client that has said what it is about to send, and is told to go on. */
async function begun(url: string, bytes: number) {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  const head = [
    "POST /api/v1/sweeps HTTP/1.1",
    ...["host: localhost", "content-type: application/json", `content-length: ${bytes}`],
    "expect: 100-continue",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  const [told] = await once(socket, "data");
  expect(String(told)).toMatch(/^HTTP\/1\.1 100 /);
  return socket;
}

it("answers what it has in hand when it is stopped, and takes no new connection from then on", async () => {
  const { api, lastSaid } = talkingApi();
  const { url } = await api.start();
  const body = JSON.stringify({ name: "slow", dataset: "wdbc" });
  const socket = await begun(url, body.length);
  const stopping = api.stop();
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  socket.write(body);
  // The connection, which its client would keep, ends with the answer.
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 201 /);
  await stopping;
  expect(lastSaid()).toEqual(["stopped"]);
});

it("cuts off clients that have not sent all, and makes nothing of what they sent", async () => {
  const { api, lastSaid } = talkingApi();
  const { url } = await api.start();
  const body = JSON.stringify({ name: "cut off", dataset: "wdbc" });
  const mute = await begun(url, body.length);
  const silent = await begun(url, body.length);
  silent.write(body.slice(0, 5));
  const slow = await begun(url, body.length + 1_000);
  slow.write(body);
  const sending = setInterval(() => slow.write(" "), 100);
  const ends = Promise.all([mute, silent, slow].map((socket) => text(socket).catch(() => "")));
  await api.stop();
  clearInterval(sending);
  expect(await ends).toEqual(["", "", ""]);
  // Not "not all requests in hand could be answered in time".
  expect(lastSaid()).toEqual(["stopped"]);
  const database = connectDatabase({ url: config.databaseUrl, maxConnections: 1 });
  expect(await database.prisma.sweep.count({ where: { name: "cut off" } })).toBe(0);
  await database.close();
});

it("listens on no address of localhost any more when it is stopped, and waits for no half of a request", async () => {
  const own = createApi({ ...config, host: "localhost" });
  const { port } = new URL((await own.start()).url);
  const addresses = (await lookup("localhost", { all: true })).map(({ address }) => address);
  const opened = async (address: string) => {
    const socket = connect(Number(port), address);
    await once(socket, "connect");
    return socket;
  };
  const halves = await Promise.all(addresses.map(opened));
  for (const half of halves) half.write("GET /api/v1/sweeps HTTP/1.1\r\nhost: loc");
  const slow = await opened(addresses[0] ?? "");
  const head = ["POST /api/v1/runs HTTP/1.1", "host: localhost", "content-type: application/json"];
  slow.write(`${[...head, "content-length: 2", "expect: 100-continue"].join("\r\n")}\r\n\r\n`);
  await once(slow, "data");
  const stopping = own.stop();
  for (const address of addresses) await expect(opened(address)).rejects.toThrow(/ECONNREFUSED/);
  slow.write("{}");
  expect(await text(slow)).toMatch(/^HTTP\/1\.1 201 /);
  await stopping;
  // Cut off: who is waited for until the rest of a request is overdue is told so, by 408.
  for (const half of halves) expect(await text(half)).toBe("");
});

it("reports a port that is taken, and leaves nothing open", async () => {
  const first = createApi(config);
  const { url } = await first.start();
  const second = createApi({ ...config, port: Number(new URL(url).port) });
  await expect(second.start()).rejects.toThrow(/^REPRISE_PORT .*Stop it, or set REPRISE_PORT to a free port/);
  await first.stop();
  await second.start();
  await second.stop();
});

it("refuses to serve a network without a token", () => {
  expect(() => createApi({ ...config, host: "0.0.0.0" })).toThrow(ConfigError);
});
