import { fileURLToPath } from "node:url";
import type { Split } from "@reprise/contracts";
import { describe, expect, test } from "vitest";
import { streamKey } from "../arithmetic/streams.js";
import { sha256 } from "../loop/digests.js";
import { type Dataset, dataFolders, loadDataset } from "./datasets.js";
import { type SplitIds, stratifiedSplit } from "./split.js";
import { applyScaling, fitScaling } from "./standardisation.js";

const folders = dataFolders(fileURLToPath(new URL("../../datasets/", import.meta.url)), {});
const [wdbc, digits] = await Promise.all([loadDataset("wdbc", folders), loadDataset("digits", folders)]);
const featuresOf = ({ features }: Dataset) =>
  features instanceof Float32Array ? [...features] : features.blocks.flatMap((block) => [...block]);
const splitOf = (dataset: Dataset, shares: [number, number, number], seed = 1): SplitIds => {
  const [train, validation, test] = shares;
  const split: Split = { train, validation, test, seed, groupBy: null };
  return stratifiedSplit(dataset, split, streamKey(seed, "split", null));
};
const perClass = (dataset: Dataset, ids: Int32Array) =>
  dataset.classes.map((_, label) => ids.filter((id) => dataset.labels[id] === label).length);

describe("bundled data", () => {
  test("wdbc holds the published number of cases; malignant is class 0 and positive", () => {
    expect(wdbc.cases).toBe(569);
    expect(perClass(wdbc, Int32Array.from(wdbc.labels.keys()))).toEqual([212, 357]);
    expect(wdbc.classes[wdbc.positiveClass ?? -1]).toBe("malignant");
    // First case of the published file: diagnosis M, radius 17.99, ..., last feature 0.1189.
    expect(wdbc.labels[0]).toBe(0);
    expect(featuresOf(wdbc)[0]).toBeCloseTo(17.99, 5);
    expect(featuresOf(wdbc)[29]).toBeCloseTo(0.1189, 6);
  });

  test("digits holds the published number of images of each digit", () => {
    expect(digits.cases).toBe(1797);
    expect(perClass(digits, Int32Array.from(digits.labels.keys()))).toEqual([
      178, 182, 177, 183, 181, 182, 181, 179, 174, 180,
    ]);
    expect(Math.max(...featuresOf(digits))).toBe(16);
  });
});

describe("split", () => {
  test("parts are exact in size, disjoint, complete and stratified", () => {
    const quickstart = splitOf(wdbc, [0.45, 0.15, 0.4]);
    expect(
      [quickstart.train, quickstart.validation, quickstart.test].map((ids) => perClass(wdbc, ids)),
    ).toEqual([
      [95, 161],
      [32, 53],
      [85, 143],
    ]);
    const parts = splitOf(digits, [1 / 3, 1 / 6, 1 / 2]);
    expect([parts.train.length, parts.validation.length, parts.test.length]).toEqual([599, 300, 898]);
    expect(new Set([...parts.train, ...parts.validation, ...parts.test]).size).toBe(1797);
    for (const [part, share] of [
      [parts.train, 1 / 3],
      [parts.validation, 1 / 6],
      [parts.test, 1 / 2],
    ] as const) {
      for (const [label, count] of perClass(digits, part).entries()) {
        const whole = digits.labels.filter((other) => other === label).length;
        expect(Math.abs(count - whole * share)).toBeLessThanOrEqual(1);
      }
    }
  });

  test("its own seed decides it, for good", () => {
    expect(splitOf(wdbc, [0.6, 0.2, 0.2], 7)).toEqual(splitOf(wdbc, [0.6, 0.2, 0.2], 7));
    expect(splitOf(wdbc, [0.6, 0.2, 0.2], 8)).not.toEqual(splitOf(wdbc, [0.6, 0.2, 0.2], 7));
    expect(sha256(splitOf(wdbc, [0.45, 0.15, 0.4]).test)).toMatchInlineSnapshot(
      `"c80afc6d6c012772f4837fc3a8c11d22cbc7045f0359389b3276316b0e18fbd5"`,
    );
  });

  test("a group that does not exist is refused", () => {
    const split: Split = { train: 1, validation: 0, test: 0, seed: 1, groupBy: "patient" };
    expect(() => stratifiedSplit(wdbc, split, streamKey(1, "split", null))).toThrow(/no group "patient"/);
  });
});

describe("scaling", () => {
  test("is fitted on training cases only: they, and not all cases, get mean 0 and deviation 1", () => {
    const { train } = splitOf(wdbc, [0.45, 0.15, 0.4]);
    const table = Float32Array.from(featuresOf(wdbc));
    const scaled = new Float32Array(table.length);
    applyScaling({ features: table }, fitScaling(wdbc, train), scaled);
    const moments = (ids: ArrayLike<number>, feature: number) => {
      const values = Array.from(ids, (id) => scaled[id * 30 + feature] ?? Number.NaN);
      const mean = values.reduce((a, b) => a + b) / values.length;
      return {
        mean,
        deviation: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length),
      };
    };
    for (let feature = 0; feature < 30; feature++) {
      const { mean, deviation } = moments(train, feature);
      expect(mean).toBeCloseTo(0, 5);
      expect(deviation).toBeCloseTo(1, 5);
    }
    expect(Math.abs(moments(Array.from(wdbc.labels.keys()), 0).mean)).toBeGreaterThan(1e-4);
  });

  test("images get one mean and one deviation", () => {
    const { train } = splitOf(digits, [0.5, 0.2, 0.3]);
    expect(fitScaling(digits, train).mean).toHaveLength(1);
  });
});
