import { randomUUID } from "node:crypto";
import {
  createdToken,
  datasetList,
  parseSweepSpec,
  preset,
  presetList,
  stripList,
  tokenList,
  trainerList,
  workerList,
  worker as workerSchema,
} from "@reprise/contracts";
import { openLive, registerWorker, touchWorker } from "@reprise/database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trainer } from "../support/trainer-fixture.js";
import { type ApiUnderTest, announceWorker, claim, problemOf, startTestApi } from "./api-harness.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

describe("what workers offer", () => {
  it("is empty at first, and then what they announced", async () => {
    expect(await api.get("/trainers", trainerList)).toEqual({ items: [] });
    expect(await api.get("/datasets", datasetList)).toEqual({ items: [] });
    await announceWorker(api, "first");
    await announceWorker(api, "second");
    const { items } = await api.get("/trainers", trainerList);
    expect(items).toEqual([{ capabilities: trainer, workers: ["first", "second"] }]);
    const datasets = (await api.get("/datasets", datasetList)).items;
    expect(datasets.map(({ name, available }) => [name, available])).toEqual([
      ["pcam", false],
      ["wdbc", true],
    ]);
  });

  it("shows a data set as there when any trainer has it", async () => {
    const [, pcam] = trainer.datasets;
    if (!pcam) throw new Error("the trainer has two data sets");
    await registerWorker(api.db, {
      id: randomUUID(),
      name: "gpu",
      host: "gpu.example",
      pid: 1,
      devices: [{ kind: "gpu", name: "test", index: 0 }],
      leftOut: [],
      capabilities: [
        {
          ...trainer,
          name: "torch",
          deviceClass: "gpu",
          datasets: [{ ...pcam, available: true, hint: null }],
        },
      ],
    });
    const datasets = (await api.get("/datasets", datasetList)).items;
    expect(datasets.find(({ name }) => name === "pcam")).toMatchObject({ available: true, hint: null });
  });
});

describe("workers", () => {
  it("are listed with what they do, and drained by a message", async () => {
    const { id } = await announceWorker(api, "busy");
    const created = await api.createSweep({ name: "x", dataset: "wdbc" });
    const [square] = (await api.get(`/sweeps/${created.id}/strip`, stripList)).items;
    const runId = square?.id ?? "";
    await claim(api, { id, name: "busy" }, runId);
    const gpu = { index: 0, utilizationPercent: 50, memoryUsedBytes: 3, memoryBytes: 4 };
    const machine = {
      at: new Date().toISOString(),
      processors: 4,
      hostCpuPercent: 75,
      hostAvailableMemoryBytes: 1000,
      hostMemoryBytes: 2000,
      diskFreeBytes: null,
      loadAverage1m: 2.5,
      gpus: [{ ...gpu, powerWatts: 250, temperatureCelsius: null }],
    };
    await touchWorker(api.db, id, machine);
    const { items } = await api.get("/workers", workerList);
    const metrics = (await api.app.inject({ url: "/metrics" })).body;
    expect(metrics.split("\n").filter((line) => /^reprise_worker_/.test(line))).toEqual([
      'reprise_worker_cpu_usage_ratio{worker="busy"} 0.75',
      'reprise_worker_memory_available_bytes{worker="busy"} 1000',
      'reprise_worker_gpu_utilization_ratio{worker="busy",gpu="0"} 0.5',
      'reprise_worker_gpu_memory_used_bytes{worker="busy",gpu="0"} 3',
      'reprise_worker_gpu_power_watts{worker="busy",gpu="0"} 250',
    ]);
    expect(items.find((candidate) => candidate.id === id)).toMatchObject({
      name: "busy",
      system: machine,
      status: "ready",
      trainers: ["tfjs"],
      currentRuns: [{ runId, sweepId: created.id }],
    });

    const live = await openLive({ url: api.config.databaseUrl });
    const told = new Promise((resolve) => {
      live.onControl(resolve);
    });
    const answer = await api.call("POST", `/workers/${id}/drain`);
    const reason = expect.stringContaining("drained by");
    expect(workerSchema.parse(answer.json)).toMatchObject({ id, status: "draining", statusReason: reason });
    expect(await told).toEqual({ type: "worker-steered", workerId: id });
    await live.close();
    const again = await api.call("POST", `/workers/${id}/undrain`);
    expect(workerSchema.parse(again.json)).toMatchObject({ id, status: "ready", statusReason: null });
    for (const action of ["drain", "undrain"])
      problemOf(await api.call("POST", `/workers/${randomUUID()}/${action}`), 404, "not-found");
  });
});

describe("presets", () => {
  it("are specs that can be created as they are, under names with slashes", async () => {
    const { items } = await api.get("/presets", presetList);
    expect(items.map(({ name }) => name)).toContain("quickstart");
    for (const { name, spec, parts, runCount } of items) {
      expect(parseSweepSpec(spec).ok, name).toBe(parts.length === 0);
      expect(runCount).toBeGreaterThan(0);
    }
    const nested = items.find(({ name }) => name.includes("/"));
    expect(await api.get(`/presets/${nested?.name}`, preset)).toEqual(nested);
    expect((await api.get("/presets/quickstart", preset)).runCount).toBe(28);
    expect(problemOf(await api.call("GET", "/presets/quikstart"), 404, "not-found").detail).toContain(
      '"quickstart"',
    );
  });
});

describe("tokens", () => {
  it("are listed without their text, and revoked once", async () => {
    const made = await api.call("POST", "/tokens", { body: { name: "notebook", role: "runner" } });
    const { id, token } = createdToken.parse(made.json);
    const listed = await api.call("GET", "/tokens");
    expect(listed.text).not.toContain(token);
    expect(tokenList.parse(listed.json).items).toMatchObject([{ id, name: "notebook", revokedAt: null }]);
    expect((await api.call("DELETE", `/tokens/${id}`)).status).toBe(204);
    problemOf(await api.call("DELETE", `/tokens/${id}`), 404, "not-found");
    const [revoked] = (await api.get("/tokens", tokenList)).items;
    expect(revoked?.revokedAt).not.toBeNull();
  });
});
