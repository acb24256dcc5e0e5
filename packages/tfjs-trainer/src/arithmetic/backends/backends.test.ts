import { existsSync } from "node:fs";
import type { Parameters, RunRequest, TrainerCapabilities } from "@reprise/contracts";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { describeTfjsTrainer } from "../../index.js";
import { buildTrainer, distFolder } from "../../program/build.js";
import { probeBackend } from "../../program/probe-backend.js";
import { runBundled } from "../../test-support/run-bundled.js";
import { digestOf, eventsOf, seriesOf } from "../../test-support/run-events.js";
import { requestOf } from "../../test-support/run-request.js";
import { chooseBackend } from "./choose-backend.js";

const small = { hiddenUnits: [16, 16], epochs: 3, batchSize: 32, dropout: 0.1 };

// Each test starts processes; on a machine that is busy otherwise, they take several times as long.
vi.setConfig({ testTimeout: 180_000 });

let announced: TrainerCapabilities;
beforeAll(async () => {
  await buildTrainer();
  announced = await describeTfjsTrainer();
}, 180_000);

describe("which backend", () => {
  const task = "classification" as const;

  test("auto is the first that was found and that the task can use; wasm where nothing was tried", () => {
    const autoBackends = ["node-gpu", "wasm", "cpu"];
    expect(chooseBackend({ backend: "auto", autoBackends, task }, ["node-gpu", "wasm"])).toBe("node-gpu");
    expect(chooseBackend({ backend: "auto", autoBackends, task })).toBe("wasm");
    expect(chooseBackend({ backend: "auto", task }, ["node-gpu", "wasm"])).toBe("wasm");
    expect(() => chooseBackend({ backend: "webgpu", task })).toThrow(/cannot compute on backend "webgpu"/);
  });

  test("the trainer announces what works here, and says of the rest why not", () => {
    const { backends, backendProbes } = announced;
    expect(backendProbes.map(({ backend }) => backend)).toEqual([
      "node-gpu",
      "webgpu",
      "node",
      "wasm",
      "cpu",
    ]);
    expect(new Set(backends)).toEqual(
      new Set(backendProbes.filter(({ works }) => works).map(({ backend }) => backend)),
    );
    expect(backendProbes.find(({ backend }) => backend === "wasm")).toMatchObject({
      works: true,
      auto: true,
    });
    for (const { detail } of backendProbes) expect(detail).not.toBe("");
  });

  test("a device that is not there is never replaced by another", async () => {
    const gpu = announced.backendProbes.find(({ backend }) => backend === "node-gpu");
    if (gpu?.works) return console.warn("Not tried: this machine has a CUDA device.");
    const run = await runBundled(requestOf("fixed", small, { backend: "node-gpu" }));
    expect(run.exitCode).toBe(1);
    expect(eventsOf(run, "error")[0]).toMatchObject({
      kind: "user",
      message: expect.stringMatching(/node-gpu/),
    });
    expect(eventsOf(run, "done")).toEqual([]);
  });

  test("a backend without noise of its own refuses a nondeterministic arm", async () => {
    const run = await runBundled(requestOf("free", small, { backend: "node" }));
    expect(eventsOf(run, "error")[0]?.message).toMatch(/node has no known source of nondeterminism/);
  });
});

describe("our kernels and passes against the library's own ops", () => {
  const configurations: Parameters[] = [
    { model: "mlp", hiddenUnits: [5], batchNorm: false },
    { model: "mlp", hiddenUnits: [5, 4], dropout: 0.3 },
    { model: "cnn", filters: [2, 3], dropout: 0.3 },
    { model: "cnn", filters: [2, 3], batchNorm: false, downsampling: "stride" },
    { model: "resnet", depth: 8, widthMultiplier: 0.25 },
    { model: "resnet", depth: 18, widthMultiplier: 0.05, stem: "imagenet", batchSize: 32 },
    { model: "preact-resnet", depth: 18, widthMultiplier: 0.05, batchSize: 32 },
    { model: "mobilenet", variant: "v1", widthMultiplier: 0.05, batchSize: 32 },
    { model: "mobilenet", variant: "v2", widthMultiplier: 0.05, batchSize: 32 },
    { model: "mobilenet", variant: "v3-large", widthMultiplier: 0.05, batchSize: 32 },
  ];

  test.each([
    ["wasm", configurations],
    // Its loops are those of wasm; what differs are its kernels, which are the library's.
    ["cpu", configurations.slice(0, 4)],
  ] as const)("%s", async (backend, tried) => {
    const probe = await probeBackend(backend, {
      folder: distFolder,
      timeoutMs: 120_000,
      configurations: [...tried],
    });
    expect(probe.works, probe.detail).toBe(true);
    console.log(`${backend}: ${probe.detail}`);
  });
});

test("a probe tells what went wrong in its process", async () => {
  const probe = await probeBackend("wasm", { folder: distFolder, configurations: [{ model: "mpl" }] });
  expect(probe).toMatchObject({ works: false, detail: expect.stringContaining('"mpl"') });
});

describe("cpu", () => {
  test("trains as wasm does, to rounding, and is the same on one and two threads", async () => {
    const on = (backend: RunRequest["backend"], threads: number) =>
      runBundled(requestOf("fixed", small, { backend, resources: { threads, ranks: 1 } }));
    const [one, two, wasm] = await Promise.all([on("cpu", 1), on("cpu", 2), on("wasm", 2)]);
    expect(eventsOf(one, "hello")[0]?.backend).toEqual({ requested: "cpu", used: "cpu" });
    expect(digestOf(one)).toMatch(/^[0-9a-f]{64}$/);
    expect(digestOf(two)).toBe(digestOf(one));
    expect(digestOf(wasm)).not.toBe(digestOf(one));
    const loss = Number(seriesOf(one, "trainLoss").get(1));
    expect(Math.abs(loss - Number(seriesOf(wasm, "trainLoss").get(1))) / loss).toBeLessThan(1e-5);
  });
});

/** Chromium ships a Vulkan driver in software, and its loader, beside its program. */
const chromiumFolder = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome"].find(
  (folder) => existsSync(`${folder}/vk_swiftshader_icd.json`),
);

describe("webgpu", () => {
  test("on a software adapter: trains, repeats itself to the bit, and is asked for, never chosen", async () => {
    if (!chromiumFolder)
      return console.warn("Not tried: no Chromium with a software Vulkan driver was found.");
    vi.stubEnv("LD_LIBRARY_PATH", chromiumFolder);
    vi.stubEnv("VK_ICD_FILENAMES", `${chromiumFolder}/vk_swiftshader_icd.json`);
    try {
      const probe = await probeBackend("webgpu", { folder: distFolder, timeoutMs: 120_000 });
      if (!probe.works && /cannot be loaded|no adapter/.test(probe.detail)) {
        return console.warn(`Not tried: ${probe.detail}.`);
      }
      expect(probe, probe.detail).toMatchObject({ works: true, software: true });
      const tiny = { hiddenUnits: [], batchNorm: false, epochs: 1, batchSize: 128, shards: 2 };
      const on = (backend: RunRequest["backend"]) => runBundled(requestOf("fixed", tiny, { backend }));
      const [first, second, wasm] = await Promise.all([on("webgpu"), on("webgpu"), on("wasm")]);
      expect(eventsOf(first, "hello")[0]?.backend).toEqual({ requested: "webgpu", used: "webgpu" });
      expect(eventsOf(first, "environment")[0]?.values).toMatchObject({ webgpuSoftwareAdapter: true });
      expect(digestOf(first)).toMatch(/^[0-9a-f]{64}$/);
      expect(digestOf(second)).toBe(digestOf(first));
      const loss = Number(seriesOf(first, "trainLoss").get(1));
      expect(Math.abs(loss - Number(seriesOf(wasm, "trainLoss").get(1))) / loss).toBeLessThan(1e-5);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
