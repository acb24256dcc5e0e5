import type { RunRequest } from "@reprise/contracts";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { buildTrainer } from "../build.js";
import { digestOf, eventsOf, requestOf, runBundled, seriesOf } from "../run-bundled.js";

const small = { hiddenUnits: [16, 16], epochs: 3, batchSize: 32, dropout: 0.1 };

// Each test starts processes; on a machine that is busy otherwise, they take several times as long.
vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  await buildTrainer();
}, 180_000);

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
