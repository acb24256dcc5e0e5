import { once } from "node:events";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { importAnswer, importSession } from "@reprise/contracts";
import type { DatabasePool } from "@reprise/database";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { type ApiUnderTest, problemOf, startTestApi } from "../integration/api-harness.js";
import { freePort, reprise } from "../support/start-reprise.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const runs = 24;

/** Runs as a reader hands them on. */
function* lines(): Generator<string> {
  yield JSON.stringify({ format: "mlflow-sqlite", warnings: [] });
  for (let index = 0; index < runs; index++) {
    const series = { steps: [0, 1, 2], values: [0.1, 0.2, index / 100], precision: "float64" };
    yield JSON.stringify({
      source: { format: "mlflow-sqlite", location: "mlflow.db", id: `run-${index}` },
      ...{ name: `run ${index}`, params: { optimizer: index % 2 ? "adam" : "sgd", seed: index >> 1 } },
      ...{ tags: {}, status: "finished", startedAt: null, endedAt: null, gitCommit: null, host: null },
      metrics: { val_acc: series, train_loss: series },
      ...{ summary: {}, artifacts: [], attempts: 1, doubtful: null, remarks: [] },
    });
  }
}

/** Sends all runs to a server and has them written. */
async function importInto(root: string): Promise<unknown> {
  const call = async (method: string, path: string, type?: string, body?: string) => {
    const content = type === undefined ? {} : { headers: { "content-type": type }, body: body ?? "" };
    const response = await fetch(`${root}/imports${path}`, { method, ...content });
    expect(response.ok, `${method} ${path}`).toBe(true);
    return response.json();
  };
  const { id } = importSession.parse(await call("POST", ""));
  await call("PUT", `/${id}/runs`, "application/x-ndjson", `${[...lines()].join("\n")}\n`);
  return call("POST", `/${id}/studies`, "application/json", "{}");
}

/** Begins an import, and does `work` in the middle of its writing: study, runs and points are there, summaries cannot be written. */
function whileWriting<Written, Result>(
  prisma: DatabasePool["prisma"],
  work: (session: { pid: number; writing: Promise<Written> }) => Promise<Result>,
  begin: () => Promise<Written>,
): Promise<Result> {
  return prisma.$transaction(
    async (sql) => {
      // On a busy machine an import may begin later than a session may be silent.
      await sql.$executeRaw`SET LOCAL idle_in_transaction_session_timeout = 0`;
      await sql.$executeRaw`LOCK TABLE metric_summaries IN SHARE MODE`;
      const writing = begin();
      const early = writing.then((answer) => {
        throw new Error(`The import ended before it was held up: ${JSON.stringify(answer)}`);
      });
      const held = vi.waitUntil(
        async () => {
          const rows = await prisma.$queryRaw<{ pid: number }[]>`
            SELECT pid FROM pg_locks WHERE relation = 'metric_summaries'::regclass AND NOT granted`;
          return rows.length > 0 && rows;
        },
        { timeout: 60_000, interval: 20 },
      );
      const [session] = await Promise.race([held, early]);
      return work({ pid: session?.pid ?? 0, writing });
    },
    { timeout: 120_000 },
  );
}

const stagedBy = (pid: number) =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`reprise-import-${pid}-`));

it("an import whose server is killed in the middle leaves nothing, and goes through when it is done again", async () => {
  const port = await freePort();
  const server = reprise(["api"], {
    ...{ DATABASE_URL: api.config.databaseUrl, REPRISE_PORT: port, REPRISE_TOKEN: "", REDIS_URL: "" },
  });
  const pid = server.process.pid ?? 0;
  const ended = once(server.process, "exit");
  onTestFinished(() => void server.process.kill("SIGKILL"));
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await vi.waitUntil(isReady, { timeout: 60_000, interval: 100 });

  const { prisma } = api.db;
  const counts = () =>
    Promise.all([
      prisma.sweep.count(),
      prisma.run.count(),
      prisma.metricChunk.count(),
      prisma.attempt.count(),
    ]);
  const held = await whileWriting(
    prisma,
    async (session) => {
      expect(stagedBy(pid)).toHaveLength(1);
      server.process.kill("SIGKILL");
      await ended;
      expect(await session.writing).toBe("broken off");
      return session.pid;
    },
    () => importInto(`http://127.0.0.1:${port}/api/v1`).catch(() => "broken off"),
  );
  // The database's own process notices that its client is gone, and takes everything back.
  await vi.waitUntil(
    async () =>
      (await prisma.$queryRaw<unknown[]>`SELECT 1 FROM pg_stat_activity WHERE pid = ${held}::int`).length ===
      0,
    { timeout: 60_000, interval: 50 },
  );
  expect(await counts()).toEqual([0, 0, 0, 0]);

  const url = await api.app.listen({ host: "127.0.0.1", port: 0 });
  const again = () => importInto(`${url}/api/v1`).then((answer) => importAnswer.parse(answer).studies);
  expect(await again()).toMatchObject([{ added: runs, skipped: 0, isNew: true }]);
  expect(await again()).toMatchObject([{ added: 0, skipped: runs, isNew: false }]);
  expect(await counts()).toEqual([1, runs, 2 * runs, 0]);
  expect(stagedBy(pid)).toEqual([]);
});

it("an import in the middle of which the server is told to stop is told to come again", async () => {
  const own = await startTestApi({ computeThreads: 1 });
  onTestFinished(() => own.close());
  const url = await own.app.listen({ host: "127.0.0.1", port: 0 });
  const { id } = importSession.parse((await own.call("POST", "/imports")).json);
  await fetch(`${url}/api/v1/imports/${id}/runs`, {
    ...{ method: "PUT", headers: { "content-type": "application/x-ndjson" } },
    body: `${[...lines()].join("\n")}\n`,
  });
  const answer = await whileWriting(
    own.db.prisma,
    async ({ writing }) => {
      await own.app.close();
      return writing;
    },
    () => own.call("POST", `/imports/${id}/studies`, { body: {} }),
  );
  expect(problemOf(answer, 503, "not-ready").detail).toMatch(/nothing was written/);
  expect(answer.headers["retry-after"]).toBe("5");
});
