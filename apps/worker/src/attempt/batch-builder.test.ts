import { describe, expect, test } from "vitest";
import { createBatchBuilder } from "./batch-builder.js";

describe("batch builder", () => {
  test("joins stretches of one series and rungs of one kind, keeps the latest progress", () => {
    const batch = createBatchBuilder();
    expect(batch.isEmpty()).toBe(true);
    const metric = (step: number, value: number) =>
      batch.metric({ key: "loss", steps: [step], values: [value], wallTimes: [step / 10], direction: null });
    metric(1, 0.5);
    metric(2, Number.NaN);
    batch.digests({ kind: "epoch", positions: [1], digests: ["a"] });
    batch.digests({ kind: "epoch", positions: [2], digests: ["b"] });
    batch.digests({ kind: "epoch", positions: [2], digests: ["c"], algorithm: "rows32" });
    batch.progress({ done: 1, total: 9, unit: "epochs" });
    batch.progress({ done: 2, total: 9, unit: "epochs" });
    expect(batch.build()).toEqual({
      metrics: [
        { key: "loss", steps: [1, 2], values: [0.5, Number.NaN], wallTimes: [0.1, 0.2], direction: null },
      ],
      digests: [
        { kind: "epoch", positions: [1, 2], digests: ["a", "b"], algorithm: "sha256" },
        { kind: "epoch", positions: [2], digests: ["c"], algorithm: "rows32" },
      ],
      logs: [],
      tensorDigests: [],
      observations: [],
      gaps: [],
      reductionOrders: [],
      embeddings: [],
      system: [],
      progress: { done: 2, total: 9, unit: "epochs" },
    });
    expect(batch.isEmpty()).toBe(false);
  });

  test("a flood of single events is gathered by one look at each", () => {
    const batch = createBatchBuilder();
    const count = 300_000;
    for (let step = 0; step < count; step += 1) {
      batch.metric({ key: "loss", steps: [step], values: [1], wallTimes: [1], direction: null });
      batch.digests({ kind: "step", positions: [step], digests: ["a"] });
    }
    const { metrics, digests } = batch.build();
    expect(metrics[0]?.steps).toHaveLength(count);
    expect(digests[0]?.positions.at(-1)).toBe(count - 1);
  });

  test("a flood of logs is cut, and says by how much", () => {
    const batch = createBatchBuilder();
    for (let i = 0; i < 1_000; i++) {
      batch.log({ stream: "stdout", at: new Date(0), text: "x".repeat(1024) });
    }
    const { logs } = batch.build();
    expect(logs).toHaveLength(513);
    expect(logs.at(-1)?.text).toContain("488 lines");
  });
});
