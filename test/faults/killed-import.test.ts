import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { importAnswer, importPreview, importSession, pageOf, sweep } from "@reprise/contracts";
import { connectDatabase } from "@reprise/database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabase } from "../support/postgres.js";
import { freePort, reprise } from "../support/start-reprise.js";

const steps = Array.from({ length: 200 }, (_, step) => step);

/** Runs as a reader hands them on: enough that writing takes seconds. */
function* lines(runs: number): Generator<string> {
  yield `${JSON.stringify({ format: "mlflow-sqlite", warnings: [] })}\n`;
  for (let index = 0; index < runs; index++) {
    const values = steps.map((step) => Math.sin(index + step / 10));
    const series = { steps, values, precision: "float64" };
    const run = {
      source: { format: "mlflow-sqlite", location: "mlflow.db", id: `run-${index}` },
      name: `run ${index}`,
      params: { optimizer: index % 2 ? "adam" : "sgd", seed: Math.floor(index / 2) },
      ...{ tags: {}, status: "finished", startedAt: null, endedAt: null, gitCommit: null, host: null },
      metrics: Object.fromEntries(["val_acc", "val_loss", "train_loss"].map((name) => [name, series])),
      ...{ summary: {}, artifacts: [], attempts: 1, doubtful: null, remarks: [] },
    };
    yield `${JSON.stringify(run)}\n`;
  }
}

describe("an import whose server is killed", () => {
  let database: { url: string; drop(): Promise<void> } | undefined;
  const started: ReturnType<typeof reprise>[] = [];
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(async () => {
    for (const { process: child } of started) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
    await database?.drop();
  });

  async function startApi(): Promise<{ root: string; kill: () => Promise<unknown> }> {
    const port = await freePort();
    const api = reprise(["api"], {
      DATABASE_URL: database?.url ?? "",
      REPRISE_PORT: port,
      REPRISE_TOKEN: "",
      REDIS_URL: "",
    });
    started.push(api);
    const root = `http://127.0.0.1:${port}/api/v1`;
    const isReady = () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await isReady())) {
      if (api.process.exitCode !== null) throw new Error(`the API ended:\n${api.printed()}`);
      await delay(100);
    }
    return {
      root,
      kill: () => {
        const ended = once(api.process, "exit");
        api.process.kill("SIGKILL");
        return ended;
      },
    };
  }

  async function send(root: string, runs: number): Promise<string> {
    const { id } = importSession.parse(await (await fetch(`${root}/imports`, { method: "POST" })).json());
    const body = [...lines(runs)].join("");
    const headers = { "content-type": "application/x-ndjson" };
    const sent = await fetch(`${root}/imports/${id}/runs`, { method: "PUT", headers, body });
    expect(sent.status, await sent.text()).toBe(200);
    return id;
  }

  const post = (url: string, body: object) =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  it("leaves nothing half-written, and the same import goes through afterwards", async () => {
    const first = await startApi();
    const id = await send(first.root, 1200);
    const previewed = await post(`${first.root}/imports/${id}/preview`, {});
    expect(importPreview.parse(await previewed.json()).found).toMatchObject({
      runs: 1200,
      points: 720_000,
    });
    const writing = post(`${first.root}/imports/${id}/studies`, {}).catch(() => null);
    for (let written = 0; written === 0; await delay(20)) {
      const far = (await (await fetch(`${first.root}/imports/${id}`)).json()) as { written: number } | null;
      written = far?.written ?? 0;
    }
    await first.kill();
    await writing;
    const db = connectDatabase({ url: database?.url ?? "" });
    // PostgreSQL notices that its client is gone, and takes everything back.
    await expect.poll(() => db.prisma.run.count(), { timeout: 30_000 }).toBe(0);
    expect(await db.prisma.sweep.count()).toBe(0);
    expect(await db.prisma.metricChunk.count()).toBe(0);

    const second = await startApi();
    const again = await send(second.root, 1200);
    const answer = await post(`${second.root}/imports/${again}/studies`, {});
    expect(importAnswer.parse(await answer.json()).studies).toMatchObject([
      { added: 1200, skipped: 0, isNew: true },
    ]);
    const repeated = await post(`${second.root}/imports/${again}/studies`, {});
    expect(importAnswer.parse(await repeated.json()).studies).toMatchObject([
      { added: 0, skipped: 1200, isNew: false },
    ]);
    const sweeps = pageOf(sweep).parse(await (await fetch(`${second.root}/sweeps`)).json());
    expect(sweeps.items.map(({ totalRuns }) => totalRuns)).toEqual([1200]);
    expect(await db.prisma.metricChunk.count()).toBe(3_600);
    await db.close();
  });
});
