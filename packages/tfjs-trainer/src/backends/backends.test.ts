import type { RunRequest } from "@reprise/contracts";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { buildTrainer } from "../build.js";
import { digestOf, eventsOf, requestOf, runBundled, seriesOf } from "../run-bundled.js";

const tiny: Partial<RunRequest> = {
  dataset: { name: "digits", split: { train: 0.1, validation: 0.1, test: 0.8, seed: 1, groupBy: null } },
};
const cnn = { model: "cnn", filters: [4, 8], epochs: 1, batchSize: 32, shards: 4 };

// Each test starts processes; on a machine that is busy otherwise, they take several times as long.
vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  await buildTrainer();
}, 180_000);

describe("cpu", () => {
  test("trains as wasm does, to rounding, and is the same on one and two threads", async () => {
    const on = (backend: RunRequest["backend"], threads: number) =>
      runBundled(requestOf("fixed", cnn, { ...tiny, backend, resources: { threads, ranks: 1 } }));
    const [one, two, wasm] = await Promise.all([on("cpu", 1), on("cpu", 2), on("wasm", 2)]);
    expect(eventsOf(one, "hello")[0]?.backend).toEqual({ requested: "cpu", used: "cpu" });
    expect(digestOf(one)).toMatch(/^[0-9a-f]{64}$/);
    expect(digestOf(two)).toBe(digestOf(one));
    expect(digestOf(wasm)).not.toBe(digestOf(one));
    const loss = Number(seriesOf(one, "trainLoss").get(1));
    expect(Math.abs(loss - Number(seriesOf(wasm, "trainLoss").get(1))) / loss).toBeLessThan(1e-5);
  });
});
