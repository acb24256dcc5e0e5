import { randomUUID } from "node:crypto";
import {
  type ApiConfig,
  type ApiContext,
  buildApp,
  createLogger,
  openContext,
  startDispatcher,
} from "@reprise/api";
import { type Predictions, problem, type SweepSpecInput, type SystemSample, sweep } from "@reprise/contracts";
import { type AttemptRef, claimRun, finishAttempt, registerWorker, writeBatch } from "@reprise/database";
import { expect, onTestFinished } from "vitest";
import type { z } from "zod";
import { testDatabase } from "../support/postgres.js";
import { testApiConfig } from "../support/test-server.js";
import { trainer } from "../support/trainer-fixture.js";

/** Two configurations × one seed × (2 det + 3 free): ten runs. */
export const smallStudy: SweepSpecInput = {
  name: "small",
  dataset: "wdbc",
  base: { epochs: 3 },
  search: { method: "grid", parameters: { optimizer: ["adam", "sgd"] } },
  seeds: [0],
  modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 3 } },
  analysisPlan: { primaryMetric: "testAccuracy" },
};

export type Answer = { status: number; headers: Record<string, unknown>; text: string; json: unknown };
export type ApiUnderTest = Awaited<ReturnType<typeof startTestApi>>;

/** An API on a database of its own, closed when the test file's `close` is called. */
export async function startTestApi(overrides: Partial<ApiConfig> = {}) {
  const database = await testDatabase();
  const config = testApiConfig(database.url, overrides);
  const context: ApiContext = await openContext(config, createLogger(config.logLevel));
  const app = await buildApp(context);

  async function call(
    method: "GET" | "POST" | "PATCH" | "DELETE" | "HEAD",
    url: string,
    options: {
      body?: unknown;
      headers?: Record<string, string>;
    } = {},
  ): Promise<Answer> {
    const { body, headers = {} } = options;
    const isText = typeof body === "string";
    const response = await app.inject({
      method,
      url: url.startsWith("/api") || url.startsWith("//") ? url : `/api/v1${url}`,
      headers: {
        host: "localhost",
        ...(body !== undefined && !isText ? { "content-type": "application/json" } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: isText ? body : JSON.stringify(body) }),
    });
    const isJson = String(response.headers["content-type"] ?? "").includes("json");
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.body,
      json: isJson && response.body !== "" ? JSON.parse(response.body) : undefined,
    };
  }

  return {
    app,
    config,
    context,
    db: context.db,
    call,
    /** The parsed body of a call that must go well. */
    async get<S extends z.ZodType>(url: string, schema: S): Promise<z.output<S>> {
      const answer = await call("GET", url);
      expect(answer.status, answer.text).toBe(200);
      return schema.parse(answer.json);
    },
    async createSweep(spec: unknown = smallStudy) {
      const answer = await call("POST", "/sweeps", { body: spec });
      expect(answer.status, answer.text).toBe(201);
      return sweep.parse(answer.json);
    },
    /** Takes the database away from under the server, as an outage does. */
    loseDatabase: () => database.drop(),
    close: async () => {
      await app.close();
      await context.close();
      await database.drop();
    },
  };
}

/** The problem document of an answer that must be one. */
export function problemOf(answer: Answer, status: number, type: string) {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
  const document = problem.parse(answer.json);
  expect(document).toMatchObject({ type: `/problems/${type}`, status });
  return document;
}

export type TestWorker = { id: string; name: string };

/** Announces the trainer as a worker process does when it starts. */
export async function announceWorker(api: ApiUnderTest, name = "test-worker"): Promise<TestWorker> {
  const id = randomUUID();
  await registerWorker(api.db, {
    id,
    name,
    host: "localhost",
    pid: process.pid,
    devices: [{ kind: "cpu", name: "test", index: 0 }],
    leftOut: [],
    capabilities: [trainer],
  });
  return { id, name };
}

/** Takes one run as a worker does. */
export async function claim(
  api: ApiUnderTest,
  worker: TestWorker,
  runId: string,
  attempt = 1,
): Promise<AttemptRef> {
  const claimed = await claimRun(api.db, {
    runId,
    attempt,
    workerId: worker.id,
    workerName: worker.name,
    leaseMs: 60_000,
  });
  if (!claimed.ok) throw new Error(`run ${runId} could not be claimed: ${claimed.reason}`);
  return claimed.ref;
}

/** An epoch of metrics, as one batch of an attempt. */
export function metricBatch(batch: number, step: number, values: Record<string, number>) {
  return {
    batch,
    metrics: Object.entries(values).map(([key, value]) => ({
      key,
      steps: [step],
      values: [value],
      wallTimes: [step],
      direction: key.startsWith("validation")
        ? key.endsWith("Loss")
          ? ("minimize" as const)
          : ("maximize" as const)
        : null,
    })),
    digests: [],
    logs: [],
    tensorDigests: [],
    reductionOrders: [],
    embeddings: [],
    system: [],
    progress: { done: step, total: 3, unit: "epochs" },
  };
}

/** Ten test cases, half of them malignant, decided alike but for the case numbered `odd`. */
export function predictionsWithFlip(odd: number | null): Predictions {
  const ids = Array.from({ length: 10 }, (_, i) => `case-${i}`);
  return {
    split: "test",
    epoch: 3,
    classes: ["benign", "malignant"],
    positiveClass: 1,
    threshold: 0.5,
    ids,
    labels: ids.map((_, i) => i % 2),
    scores: ids.map((_, i) => ((i % 2 === 1) === (i === odd) ? [0.8, 0.2] : [0.3, 0.7])),
  };
}

/** A look at a trainer that uses two thirds of a processor and grows by a kilobyte a look. */
export function systemSampleOf(index: number, changes: Partial<SystemSample> = {}): SystemSample {
  return {
    index,
    wallTime: 3 * (index + 1),
    cpuSeconds: 2 * (index + 1),
    residentMemoryBytes: 1_000_000 + 1_000 * index,
    threads: 4,
    processes: 1,
    processors: 8,
    hostCpuPercent: 25,
    hostAvailableMemoryBytes: 6 * 2 ** 30,
    hostMemoryBytes: 8 * 2 ** 30,
    diskFreeBytes: 2 ** 40,
    gpus: null,
    ...changes,
  };
}

/** Trains a run as a worker would, with the results given. */
export async function trainRun(
  api: ApiUnderTest,
  worker: TestWorker,
  runId: string,
  result: { testAccuracy: number; digest: string },
): Promise<void> {
  const ref = await claim(api, worker, runId);
  for (const epoch of [1, 2, 3]) {
    const progress = epoch / 3;
    await writeBatch(
      api.db,
      ref,
      metricBatch(epoch - 1, epoch, {
        trainLoss: 1 - 0.2 * progress,
        validationAccuracy: result.testAccuracy * progress,
        testAccuracy: result.testAccuracy * progress,
        testAuc: result.testAccuracy * progress,
      }),
    );
  }
  await finishAttempt(api.db, ref, {
    status: "succeeded",
    digest: result.digest,
    selectedEpoch: 3,
    phases: { train: 1 },
    energy: null,
  });
}

/** The dispatcher over an API's context, stopped when the test ends. */
export function runDispatcher(api: ApiUnderTest, options?: Parameters<typeof startDispatcher>[1]) {
  const dispatcher = startDispatcher(api.context, options);
  onTestFinished(() => dispatcher.stop());
  return dispatcher;
}
