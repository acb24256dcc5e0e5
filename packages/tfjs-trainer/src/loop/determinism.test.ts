import type { RunRequest } from "@reprise/contracts";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { buildTrainer } from "../program/build.js";
import { runBundled } from "../test-support/run-bundled.js";
import { digestOf, ordersOf, rungOf, seriesOf } from "../test-support/run-events.js";
import { requestOf } from "../test-support/run-request.js";

const small: RunRequest["parameters"] = {
  hiddenUnits: [32, 32],
  epochs: 6,
  batchSize: 32,
  learningRate: 0.01,
  dropout: 0.1,
};
const tiny = { name: "digits", split: { train: 0.2, validation: 0.1, test: 0.7, seed: 1, groupBy: null } };

// Each test starts processes; on a machine that is busy otherwise, they take several times as long.
vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  await buildTrainer();
}, 180_000);

const onThreads = (threads: number): Partial<RunRequest> => ({ resources: { threads, ranks: 1 } });

describe("fixed order", () => {
  test("1, 2 and 4 threads, in processes of their own, climb the same ladder", async () => {
    const runs = await Promise.all(
      [1, 2, 4].map((threads) => runBundled(requestOf("fixed", small, onThreads(threads)))),
    );
    const [first] = runs;
    if (!first) throw new Error("No run.");
    expect(digestOf(first)).toMatch(/^[0-9a-f]{64}$/);
    for (const run of runs) {
      for (const kind of [
        "configuration",
        "dataset",
        "dataOrder",
        "initialWeights",
        "step",
        "epoch",
        "finalWeights",
        "predictions",
      ]) {
        expect(rungOf(run, kind), kind).toEqual(rungOf(first, kind));
        expect(rungOf(run, kind).size, kind).toBeGreaterThan(0);
      }
      expect(seriesOf(run, "testLoss")).toEqual(seriesOf(first, "testLoss"));
    }
    // 256 training cases in batches of 32, 6 epochs.
    expect([...rungOf(first, "step").keys()]).toEqual(Array.from({ length: 48 }, (_, step) => step));
    expect(rungOf(runs[2] ?? first, "environment")).not.toEqual(rungOf(first, "environment"));
  });

  const networks: RunRequest["parameters"][] = [
    { model: "cnn", filters: [4, 8], epochs: 2 },
    { model: "resnet", depth: 8, widthMultiplier: 0.25, epochs: 1 },
    { model: "mobilenet", variant: "v3-large", widthMultiplier: 0.05, epochs: 1 },
  ];
  test.each(networks)("$model is the same on 1 and 2 threads", async (network) => {
    const parameters = {
      ...network,
      batchSize: 32,
      optimizer: "sgd",
      learningRate: 0.1,
      momentum: 0.9,
    };
    const [one, two] = await Promise.all(
      [1, 2].map((threads) =>
        runBundled(requestOf("fixed", parameters, { dataset: tiny, ...onThreads(threads) })),
      ),
    );
    if (!one || !two) throw new Error("No run.");
    expect(digestOf(one)).not.toBeNull();
    expect(digestOf(one)).toBe(digestOf(two));
  });

  test("another seed changes weights and data order; another repeat changes nothing while all sources are fixed", async () => {
    const [base, seed, repeat, varied] = await Promise.all([
      runBundled(requestOf("fixed", small)),
      runBundled(requestOf("fixed", small, { seed: 1 })),
      runBundled(requestOf("fixed", small, { repeat: 1 })),
      runBundled(
        requestOf("fixed", small, {
          repeat: 1,
          noise: {
            init: "fixed",
            dataOrder: "varied",
            augmentation: "fixed",
            dropout: "fixed",
            split: "fixed",
          },
        }),
      ),
    ]);
    expect(digestOf(base)).toBe(digestOf(repeat));
    expect(rungOf(seed, "initialWeights")).not.toEqual(rungOf(base, "initialWeights"));
    expect(rungOf(seed, "dataOrder")).not.toEqual(rungOf(base, "dataOrder"));
    expect(rungOf(varied, "initialWeights")).toEqual(rungOf(base, "initialWeights"));
    expect(rungOf(varied, "dataOrder")).not.toEqual(rungOf(base, "dataOrder"));
    expect(rungOf(varied, "dataset")).toEqual(rungOf(base, "dataset"));
  });
});

describe("other orders", () => {
  test("free repeats differ, and a replay of the recorded order reproduces the digest", async () => {
    const free = (repeat: number) => runBundled(requestOf("free", { ...small, epochs: 8 }, { repeat }));
    const runs = [await free(0), await free(1), await free(2)];
    expect(new Set(runs.map(digestOf)).size).toBe(3);
    const [run] = runs;
    if (!run) throw new Error("No run.");
    expect(ordersOf(run)).toHaveLength(64);
    for (const order of ordersOf(run)) expect([...order].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const replayed = await runBundled(
      requestOf("free", { ...small, epochs: 8 }, { replay: { order: ordersOf(run) }, ...onThreads(1) }),
    );
    expect(digestOf(replayed)).toBe(digestOf(run));
    expect(rungOf(replayed, "step")).toEqual(rungOf(run, "step"));
    // Mode and arm enter no numeric rung: what comes before the first sum is the same in all.
    expect(new Set(runs.map((other) => rungOf(other, "initialWeights").get(0))).size).toBe(1);
  });

  test("permuted order is repeatable within a repeat and differs between repeats", async () => {
    const permuted = (repeat: number, threads: number) =>
      runBundled(requestOf("permuted", small, { repeat, ...onThreads(threads) }));
    const [a, b, c] = await Promise.all([permuted(0, 2), permuted(0, 1), permuted(1, 2)]);
    expect(digestOf(a)).not.toBeNull();
    expect(digestOf(a)).toBe(digestOf(b));
    expect(digestOf(a)).not.toBe(digestOf(c));
    expect(new Set(ordersOf(a).map(String)).size).toBeGreaterThan(40);
  });
});
