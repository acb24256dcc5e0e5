import { randomUUID } from "node:crypto";
import { pageOf, run, sweep } from "@reprise/contracts";
import { finishAttempt, registerWorker, writeBatch } from "@reprise/database";
import { trainer } from "../support/trainer-fixture.js";
import {
  type ApiUnderTest,
  announceWorker,
  claim,
  metricBatch,
  predictionsWithFlip,
  smallStudy,
  startTestApi,
  type TestWorker,
  trainRun,
} from "./api-harness.js";

/** A request that takes an idempotency key, with all that it needs made, and how often its effect is there. */
export type KeyedPost = {
  path: string;
  body: unknown;
  status: number;
  effects: () => Promise<number>;
};

const archives = "application/zip";

/** Sends it over the network; the whole answer. */
export async function sendKeyed(url: string, { path, body }: KeyedPost, key: string) {
  const isArchive = body instanceof Uint8Array;
  const response = await fetch(`${url}/api/v1${path}`, {
    method: "POST",
    headers: { "idempotency-key": key, "content-type": isArchive ? archives : "application/json" },
    body: isArchive ? Buffer.from(body) : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, json: text === "" ? null : (JSON.parse(text) as unknown) };
}

/** One of every POST that takes a key, by its operation; each call makes another one. */
export async function keyedPosts(api: ApiUnderTest) {
  const { prisma } = api.db;
  const worker = await announceWorker(api);
  const tracer = randomUUID();
  await registerWorker(api.db, {
    ...{ id: tracer, name: "tracer", host: "localhost", pid: process.pid },
    ...{ devices: [{ kind: "cpu", name: "test", index: 0 }], leftOut: [] },
    capabilities: [{ ...trainer, name: "traced", locate: true }],
  });
  // Nobody keeps it alive here, however long the tests take.
  await prisma.worker.update({
    where: { id: tracer },
    data: { lastSeenAt: new Date(Date.now() + 3_600_000) },
  });

  const called = async <T>(path: string, body: unknown, schema: { parse(value: unknown): T }) => {
    const answer = await api.call("POST", path, { body });
    if (answer.status >= 300) throw new Error(`${path}: ${answer.text}`);
    return schema.parse(answer.json);
  };
  const runsOf = async (sweepId: string) =>
    (await api.get(`/runs?sweepId=${sweepId}&limit=100`, pageOf(run))).items;
  const logged = (body: object = {}) => called("/runs", { name: randomUUID(), ...body }, run);
  const oneRun = { deterministic: { repeats: 1 } };
  const queued = async (spec: object = {}) => {
    const { id } = await api.createSweep({ ...smallStudy, name: randomUUID(), ...spec });
    return { id, runs: await runsOf(id) };
  };
  const external = (spec: object = {}) =>
    api.createSweep({
      ...{ name: randomUUID(), trainer: "external", dataset: "slides", search: { method: "external" } },
      ...{ modes: oneRun, ...spec },
    });
  const trained = async (by: TestWorker, spec: object = {}) => {
    const { runs } = await queued({ search: { method: "grid", parameters: {} }, ...spec });
    for (const { id } of runs) {
      const ref = await claim(api, by, id);
      const orders = [{ firstStep: 0, orders: [[1, 0]] }];
      await writeBatch(api.db, ref, { ...metricBatch(0, 1, { testAccuracy: 0.9 }), reductionOrders: orders });
      await finishAttempt(api.db, ref, {
        ...{ status: "succeeded", digest: "00".repeat(32), selectedEpoch: 1, phases: {}, energy: null },
      });
    }
    return runs;
  };
  const failedRun = async () => {
    const { id, sweepId } = await logged();
    await called(`/runs/${id}/finish`, { status: "failed", error: "lost" }, run);
    return { id, sweepId };
  };
  const attempts = (runId: string) => prisma.attempt.count({ where: { runId } });
  const points = (runId: string) => prisma.metricChunk.count({ where: { runId } });
  const first = <T>([item]: readonly T[]): T => {
    if (item === undefined) throw new Error("there is none");
    return item;
  };

  const posts: Record<string, () => Promise<KeyedPost>> = {
    createSweep: async () => {
      const name = randomUUID();
      return {
        ...{ path: "/sweeps", body: { ...smallStudy, name }, status: 201 },
        effects: () => prisma.sweep.count({ where: { name } }),
      };
    },
    extendSweep: async () => {
      const { id, runs } = await queued();
      return {
        ...{ path: `/sweeps/${id}/extend`, body: { seeds: [5] }, status: 200 },
        effects: async () => (await runsOf(id)).length / runs.length - 1,
      };
    },
    importStudy: async () => {
      const { id, bytes } = await archive();
      return {
        ...{ path: "/sweeps/import", body: bytes, status: 201 },
        effects: () => prisma.sweep.count({ where: { id } }),
      };
    },
    "logRun that begins a study": async () => {
      const name = randomUUID();
      const effects = async () => {
        const made = await prisma.sweep.findMany({ where: { name }, include: { runs: true } });
        return made.reduce((sum, { runs }) => sum + (runs.length === 1 ? 1 : Number.NaN), 0);
      };
      const environment = { "python.version": "3.12" };
      return { path: "/runs", body: { name, params: { lr: 1 }, environment }, status: 201, effects };
    },
    "logRun to a study by its name": async () => {
      const study = randomUUID();
      return {
        ...{ path: "/runs", body: { study, params: { lr: 1 } }, status: 201 },
        effects: () => prisma.run.count({ where: { sweep: { name: study } } }),
      };
    },
    logMetrics: async () => {
      const { id } = await logged();
      return {
        ...{ path: `/runs/${id}/metrics`, body: { step: 1, metrics: { loss: 1 } }, status: 200 },
        effects: () => points(id),
      };
    },
    logPredictions: async () => {
      const { id } = await logged();
      return {
        ...{ path: `/runs/${id}/predictions`, body: predictionsWithFlip(null), status: 200 },
        effects: () => prisma.prediction.count({ where: { runId: id } }),
      };
    },
    logObservations: async () => {
      const { id } = await logged();
      const look = { step: 0, name: "torch.backends.cudnn.benchmark", value: true };
      return {
        ...{ path: `/runs/${id}/observations`, body: { observations: [look] }, status: 200 },
        effects: () => prisma.observationChunk.count({ where: { runId: id } }),
      };
    },
    finishRun: async () => {
      const { id } = await logged();
      return {
        ...{ path: `/runs/${id}/finish`, body: { status: "succeeded" }, status: 200 },
        effects: () => prisma.attempt.count({ where: { runId: id, status: "succeeded" } }),
      };
    },
    beginAttempt: async () => {
      const { id } = await failedRun();
      return {
        ...{ path: `/runs/${id}/attempts`, body: {}, status: 201 },
        effects: async () => (await attempts(id)) - 1,
      };
    },
    "ask with a configuration": async () => {
      const { id } = await external();
      return {
        ...{ path: `/sweeps/${id}/ask`, body: { params: { lr: 0.1 } }, status: 200 },
        effects: () => prisma.run.count({ where: { sweepId: id, status: "running" } }),
      };
    },
    "ask for the next planned run": async () => {
      const { id } = await external({ search: { method: "grid", parameters: { lr: [1, 2] } } });
      return {
        ...{ path: `/sweeps/${id}/ask`, body: {}, status: 200 },
        effects: () => prisma.run.count({ where: { sweepId: id, status: "running" } }),
      };
    },
    tell: async () => {
      const { id } = await logged();
      const body = { status: "succeeded", step: 3, metrics: { accuracy: 0.5 } };
      return { path: `/runs/${id}/tell`, body, status: 200, effects: () => points(id) };
    },
    keepDivergence: async () => {
      const { id } = await logged();
      return {
        path: `/runs/${id}/divergence`,
        body: { runIds: [id], steps: 3, tries: 1, parted: null },
        status: 200,
        effects: async () => ((await prisma.run.findUniqueOrThrow({ where: { id } })).divergence ? 1 : 0),
      };
    },
    verifyRun: async () => {
      const { id } = first(await trained(worker, { modes: oneRun }));
      return {
        ...{ path: `/runs/${id}/verify`, body: {}, status: 202 },
        effects: () => prisma.verification.count({ where: { runId: id } }),
      };
    },
    replayRun: async () => {
      const { id } = first(await trained(worker, { modes: { nondeterministic: { repeats: 1 } } }));
      return {
        ...{ path: `/runs/${id}/replay`, body: {}, status: 202 },
        effects: () => prisma.verification.count({ where: { runId: id } }),
      };
    },
    locateRun: async () => {
      const { id } = first(await trained(worker, { trainer: "traced", modes: oneRun }));
      return {
        ...{ path: `/runs/${id}/locate`, body: {}, status: 202 },
        effects: () => prisma.localization.count({ where: { runId: id } }),
      };
    },
    retryFailedRuns: async () => {
      const { id, runs } = await queued({ modes: oneRun, search: { method: "grid", parameters: {} } });
      const { id: runId } = first(runs);
      await called(`/runs/${runId}/cancel`, undefined, run);
      return {
        ...{ path: `/sweeps/${id}/retry-failed`, body: undefined, status: 200 },
        effects: () => prisma.run.count({ where: { id: runId, status: "queued" } }),
      };
    },
    cancelSweep: async () => {
      const { id } = await queued();
      return {
        ...{ path: `/sweeps/${id}/cancel`, body: undefined, status: 200 },
        effects: () => prisma.sweep.count({ where: { id, status: "cancelled" } }),
      };
    },
    pauseSweep: async () => {
      const { id } = await queued();
      return {
        ...{ path: `/sweeps/${id}/pause`, body: undefined, status: 200 },
        effects: () => prisma.sweep.count({ where: { id, status: "paused" } }),
      };
    },
    resumeSweep: async () => {
      const { id } = await queued();
      await called(`/sweeps/${id}/pause`, undefined, sweep);
      return {
        ...{ path: `/sweeps/${id}/resume`, body: undefined, status: 200 },
        effects: () => prisma.sweep.count({ where: { id, status: "queued" } }),
      };
    },
    cancelRun: async () => {
      const { id } = first((await queued()).runs);
      return {
        ...{ path: `/runs/${id}/cancel`, body: undefined, status: 200 },
        effects: () => prisma.run.count({ where: { id, status: "cancelled" } }),
      };
    },
    retryRun: async () => {
      const { id } = first((await queued()).runs);
      await called(`/runs/${id}/cancel`, undefined, run);
      return {
        ...{ path: `/runs/${id}/retry`, body: undefined, status: 200 },
        effects: () => prisma.run.count({ where: { id, status: "queued" } }),
      };
    },
    createWebhook: async () => {
      const name = randomUUID();
      return {
        ...{
          path: "/webhooks",
          body: { name, kind: "generic", url: `https://example.com/${name}` },
          status: 201,
        },
        effects: () => prisma.webhook.count({ where: { name } }),
      };
    },
  };

  /** A study of one run, archived by another server. */
  async function archive(): Promise<{ id: string; bytes: Buffer }> {
    const other = await startTestApi();
    try {
      const elsewhere = await announceWorker(other);
      const { id } = await other.createSweep({
        ...smallStudy,
        search: { method: "grid", parameters: {} },
        modes: oneRun,
      });
      const { items } = await other.get(`/runs?sweepId=${id}`, pageOf(run));
      for (const each of items)
        await trainRun(other, elsewhere, each.id, { testAccuracy: 0.9, digest: "00".repeat(32) });
      const response = await other.app.inject({
        url: `/api/v1/sweeps/${id}/crate`,
        headers: { host: "localhost" },
      });
      return { id, bytes: response.rawPayload };
    } finally {
      await other.close();
    }
  }
  return posts;
}
