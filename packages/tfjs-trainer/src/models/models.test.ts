import { describe, expect, test } from "vitest";
import { effectiveHyperparameters, usedParameters } from "../hyperparameters/effective.js";
import { initialise, layOut } from "../layout.js";
import { streamKey } from "../streams.js";
import { buildModel } from "./build-model.js";

const layoutOf = (
  parameters: Parameters<typeof effectiveHyperparameters>[0],
  inputShape: number[],
  classes: number,
) => layOut(buildModel(effectiveHyperparameters(parameters), inputShape, classes).tensors);

describe("parameter counts", () => {
  test("mlp with batch norm: no bias where the normalisation would cancel it", () => {
    const { trained, total } = layoutOf({ hiddenUnits: [64, 64] }, [30], 2);
    expect(trained).toBe(30 * 64 + 2 * 64 + 64 * 64 + 2 * 64 + 64 * 2 + 2);
    expect(total - trained).toBe(4 * 64);
  });

  test("mlp without batch norm", () => {
    const { trained, total } = layoutOf({ hiddenUnits: [10], batchNorm: false }, [8, 8, 1], 10);
    expect(trained).toBe(64 * 10 + 10 + 10 * 10 + 10);
    expect(total).toBe(trained);
  });

  test("mlp without hidden layers is logistic regression", () => {
    expect(layoutOf({ hiddenUnits: [] }, [30], 2).trained).toBe(30 * 2 + 2);
  });

  test("cnn", () => {
    const { trained, total } = layoutOf({ model: "cnn", filters: [16, 32] }, [32, 32, 3], 10);
    expect(trained).toBe(27 * 16 + 2 * 16 + 9 * 16 * 32 + 2 * 32 + 8 * 8 * 32 * 10 + 10);
    expect(total - trained).toBe(2 * 16 + 2 * 32);
  });
});

describe("initial values", () => {
  test("weights fill He's range evenly; scales and variances are 1, the rest 0; seed 0 is a seed", () => {
    const layout = layoutOf({ hiddenUnits: [64] }, [30], 2);
    const values = new Float32Array(layout.total).fill(Number.NaN);
    initialise(values, layout, streamKey(0, "init", null));
    const of = (name: string) => {
      const tensor = layout.tensors.find((candidate) => candidate.name === name);
      if (!tensor) throw new Error(name);
      return values.subarray(tensor.offset, tensor.offset + tensor.size);
    };
    const limit = Math.sqrt(6 / 30);
    const weights = of("dense0/weight");
    expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(Math.fround(limit));
    const variance = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
    expect(variance / (2 / 30)).toBeCloseTo(1, 1);
    expect(new Set(of("norm0/gamma"))).toEqual(new Set([1]));
    expect(new Set(of("norm0/runningVariance"))).toEqual(new Set([1]));
    expect(new Set([...of("norm0/beta"), ...of("norm0/runningMean"), ...of("logits/bias")])).toEqual(
      new Set([0]),
    );
    const again = new Float32Array(layout.total);
    initialise(again, layout, streamKey(0, "init", null));
    expect(again).toEqual(values);
  });
});

describe("effective configuration", () => {
  test("lists what is used with defaults, and leaves out what is not", () => {
    const used = usedParameters(
      effectiveHyperparameters({ optimizer: "sgd", momentum: 0.9, clipNorm: null, beta1: null }),
    );
    expect(used).toMatchObject({
      optimizer: "sgd",
      momentum: 0.9,
      nesterov: false,
      clipNorm: null,
      batchNormMomentum: 0.9,
    });
    for (const unused of ["beta1", "filters", "decayEvery"]) expect(used).not.toHaveProperty(unused);
  });

  test.each([
    [{ hiddenUnit: [64] }, /"hiddenUnit" \(value \[64\]\)/],
    [{ hiddenUnits: [64, 0.5] }, /"hiddenUnits" every item must be a whole number/],
    [{ filters: [8, 8] }, /"filters" \(value \[8,8\]\) would not be used: model is mlp/],
    [{ scheduler: "cosine", decayEvery: 3 }, /"decayEvery".*scheduler is cosine/],
    [{ optimizer: "sgd", nesterov: true }, /"nesterov".*momentum is 0/],
    [{ learningRate: "0.1" }, /"learningRate" must be a number; given: "0.1"/],
  ])("%j is refused", (given, message) => {
    expect(() => effectiveHyperparameters(given)).toThrow(message);
  });
});
