import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { canonicalJson, pageOf, run } from "@reprise/contracts";
import {
  finishAttempt,
  recordEnvironment,
  recordFinalValues,
  recordHello,
  recordPredictions,
  writeBatch,
} from "@reprise/database";
import { expect } from "vitest";
import { fromBufferPromise } from "yauzl";
import { ZipFile } from "yazl";
import {
  type ApiUnderTest,
  announceWorker,
  claim,
  metricBatch,
  predictionsWithFlip,
  smallStudy,
  systemSampleOf,
} from "./api-harness.js";

/** A study of twenty runs with everything that a run can leave behind, one of them failed. */
export async function finishedStudy(api: ApiUnderTest): Promise<string> {
  const worker = await announceWorker(api);
  const plan = { primaryMetric: "testAccuracy", margin: { testAccuracy: 0.05 } };
  const { id } = await api.createSweep({ ...smallStudy, seeds: [0, 1], analysisPlan: plan, tags: ["demo"] });
  const { items } = await api.get(`/runs?sweepId=${id}`, pageOf(run));
  for (const [index, { id: runId, arm, repeat, seed, params }] of items.entries()) {
    const ref = await claim(api, worker, runId);
    await recordHello(api.db, ref, {
      effectiveParams: { ...params, dropout: 0.1 },
      disclosures: ["Batch norm is per shard."],
      backendUsed: "wasm",
      backendRequested: "auto",
    });
    await recordEnvironment(api.db, ref, { "os.name": "linux", "cpu.cores": 2, "gpu.name": null });
    if (index === 4) {
      const error = { kind: "user", message: "diverged", hint: null } as const;
      await finishAttempt(api.db, ref, { status: "failed", error });
      continue;
    }
    const free = arm === "free";
    const accuracy = 0.9 + 0.01 * seed + (free ? 0.003 * repeat + index / 7e4 : 0.002);
    const digest = createHash("sha256")
      .update(canonicalJson(free ? [index] : [params, seed]))
      .digest("hex");
    await writeBatch(api.db, ref, {
      ...metricBatch(0, 1, { trainLoss: Number.NaN, validationAccuracy: accuracy / 3 }),
      digests: [{ kind: "epoch", positions: [1], digests: [digest.slice(0, 32)], algorithm: "rows32" }],
      observations: [
        { step: 0, name: "torch.backends.cudnn.benchmark", value: index === 5, observer: "reprise" },
      ],
      logs: [{ stream: "stdout", at: new Date(), text: "stays on the server" }],
      tensorDigests: [
        {
          kind: "epoch",
          part: "weights",
          names: ["dense/kernel", "dense/bias"],
          positions: [1],
          digests: [digest.slice(0, 32), digest.slice(32)],
          algorithm: "rows32",
        },
      ],
      reductionOrders: [{ firstStep: 0, orders: [[0, 2, 1]] }],
      system: [systemSampleOf(0)],
    });
    await writeBatch(api.db, ref, {
      ...metricBatch(1, 3, {
        trainLoss: 0.1,
        testAccuracy: accuracy,
        validationAccuracy: accuracy - 1 / 300,
      }),
      digests: [
        { kind: "epoch", positions: [3], digests: [digest.slice(32)] },
        { kind: "finalWeights", positions: [0], digests: [digest] },
      ],
      embeddings: [
        {
          of: "lastLayerWeights",
          epoch: 3,
          vector: free ? [1 / 3, 2, repeat] : [1, 2, Number.POSITIVE_INFINITY],
        },
        { of: "probe", epoch: 3, shape: [2, 1], vector: [1 / 3, Number.NaN] },
      ],
    });
    // Out of order, with a step that is reported again, and a value of the whole run.
    await writeBatch(api.db, ref, metricBatch(2, 2, { trainLoss: 0.3 }));
    await writeBatch(api.db, ref, metricBatch(3, 1, { trainLoss: 0.5, validationAccuracy: accuracy / 2 }));
    const judgement = { key: "judgement", value: index / 3, direction: null };
    await recordFinalValues(api.db, ref, [judgement]);
    await recordPredictions(api.db, ref, predictionsWithFlip(free ? repeat : null));
    await finishAttempt(api.db, ref, {
      status: "succeeded",
      digest,
      selectedEpoch: 3,
      phases: { train: 1.25 },
      energy: { kWh: 0.001, gCO2e: 0.4, method: "tdp-hours", factors: { pue: 1 } },
    });
  }
  return id;
}

/** The archive that the server makes of a study. */
export async function archiveOf(api: ApiUnderTest, sweepId: string): Promise<Buffer> {
  const response = await api.app.inject({
    url: `/api/v1/sweeps/${sweepId}/crate`,
    headers: { host: "localhost" },
  });
  expect(response.statusCode, response.body).toBe(200);
  expect(response.headers["content-type"]).toBe("application/zip");
  expect(response.headers["content-disposition"]).toBe('attachment; filename="small.crate.zip"');
  return response.rawPayload;
}

/** What the server answers to an archive. */
export async function importInto(api: ApiUnderTest, archive: Buffer) {
  const response = await api.app.inject({
    method: "POST",
    url: "/api/v1/sweeps/import",
    headers: { host: "localhost", "content-type": "application/zip" },
    payload: archive,
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.body,
    json: response.json<unknown>(),
  };
}

/** Path → content. */
export async function filesIn(archive: Buffer): Promise<Map<string, Buffer>> {
  const zip = await fromBufferPromise(archive, { lazyEntries: true, autoClose: false });
  const files = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) {
    files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  }
  return files;
}

/** An archive of these files. */
export async function packed(files: Map<string, Buffer>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, bytes] of files) zip.addBuffer(bytes, path);
  zip.end();
  return buffer(zip.outputStream);
}
