import { once } from "node:events";
import { connect as connectTcp, createServer, type Socket } from "node:net";
import { getRun, listWorkers, readMetrics, readSystemMetrics } from "@reprise/database";
import { expect, test } from "vitest";
import { openReadingLink } from "../support/reading-link.js";
import { firstOf, workersOfFile } from "../support/worker-fixtures.js";

const { databaseUrl, db, dispatcher, worker, sweep, ended, lossSteps, sawEpoch, stopAll } =
  await workersOfFile();

test("while the database is away training goes on, and nothing is lost or doubled", async () => {
  dispatcher();
  const proxy = await tcpProxy(databaseUrl);
  const { id, runIds } = await sweep({ epochs: 60, pauseMs: 50 }, [0]);
  const { id: workerId } = await worker({ databaseUrl: proxy.url });
  const runId = firstOf(runIds);
  await sawEpoch(runId, 3);
  proxy.cut();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  proxy.restore();
  expect(await ended(id)).toMatchObject({ status: "succeeded" });
  expect(await getRun(db, runId)).toMatchObject({ attempt: 1 });
  expect(await lossSteps(runId)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1));
  const looks = await db.prisma.systemSample.findMany({ where: { runId }, orderBy: { index: "asc" } });
  expect(looks.map(({ index }) => index)).toEqual(looks.map((_, place) => place));
  expect(looks.length).toBeGreaterThanOrEqual(2);
  const system = await readSystemMetrics(db, runId);
  expect(system?.hostMemoryBytes).toBeGreaterThan(0);
  if (process.platform === "linux") {
    const { cpuSeconds = [], residentMemoryBytes = [], threads = [] } = system?.series ?? {};
    expect(cpuSeconds.at(-1)).toBeGreaterThan(cpuSeconds[0] ?? Number.POSITIVE_INFINITY);
    expect(residentMemoryBytes.every((bytes) => (bytes ?? 0) > 10 * 2 ** 20)).toBe(true);
    expect(threads.every((number) => (number ?? 0) > 1)).toBe(true);
    const run = await getRun(db, runId);
    expect(run?.peakResidentMemoryBytes).toBe(Math.max(...residentMemoryBytes.map((bytes) => bytes ?? 0)));
    expect(run?.meanCpuPercent).toBeGreaterThan(0);
  }
  // The machine is told of with every heartbeat, but is no metric of the run.
  const known = (await listWorkers(db)).find((each) => each.id === workerId);
  expect(known?.system).toMatchObject({ processors: expect.any(Number), gpus: [] });
  expect(Object.keys((await readMetrics(db, runId, {}))?.series ?? {})).not.toContain("cpuPercent");
  // One that has nothing to train ends after its idle time also while nobody can tell it of a run.
  await stopAll();
  const lifetime = { drain: false, maxIdleMs: 1_500, maxTimeMs: null };
  const idle = await worker({ name: "idle", databaseUrl: proxy.url, lifetime });
  proxy.cut();
  await idle.finished;
  await proxy.close();
});

test("its sessions may be silent in mid-transaction for its lease, and not for longer", async () => {
  const link = await openReadingLink(databaseUrl);
  await worker({ databaseUrl: link.url, leaseMs: 5_000 });
  const limits = ["reprise", "reprise-queue"].map(
    (name) => link.told.get(name)?.idle_in_transaction_session_timeout,
  );
  expect(limits).toEqual(["5000", "5000"]);
  await stopAll();
  link.close();
});

/** A way to the database that can be cut. */
async function tcpProxy(target: string) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let open = true;
  const server = createServer((inward) => {
    if (!open) return inward.destroy();
    const outward = connectTcp(Number(port), hostname);
    for (const [from, to] of [
      [inward, outward],
      [outward, inward],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String(typeof address === "object" ? address?.port : "");
  return {
    url: url.toString(),
    cut() {
      open = false;
      for (const socket of sockets) socket.destroy();
    },
    restore() {
      open = true;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
