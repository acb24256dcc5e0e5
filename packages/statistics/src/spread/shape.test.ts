import { describe, expect, it } from "vitest";
import { boxOf, kernelDensity } from "./shape.js";

describe("the shape of a sample", () => {
  it("has a box whose whiskers leave out what lies far off", () => {
    // Quartiles at places 1.75 and 5.25 of 0 to 7; 20 lies beyond 6.25 + 1.5 · 3.5 = 11.5.
    expect(boxOf([20, 1, 2, 3, 4, 5, 6, 7])).toEqual({ low: 1, q1: 2.75, median: 4.5, q3: 6.25, high: 7 });
    expect(boxOf([3, 3, 3])).toEqual({ low: 3, q1: 3, median: 3, q3: 3, high: 3 });
    expect(boxOf([])).toBeNull();
    expect(boxOf([1, Number.NaN])).toBeNull();
  });

  it("has a density that integrates to one, with Silverman's bandwidth", () => {
    const values = Array.from({ length: 60 }, (_, index) => Math.sin(index * 12.9898) * 2 + 5);
    const found = kernelDensity(values);
    if (!found) throw new Error("a sample with a spread has a density");
    const step = (found.at[1] ?? 0) - (found.at[0] ?? 0);
    expect(found.density.reduce((sum, value) => sum + value, 0) * step).toBeCloseTo(1, 2);
    // Two values: s = √2, IQR = 1.5 − 0.5 = 1, so that h = 0.9 · (1 / 1.34) · 2^(−1/5).
    expect(kernelDensity([0, 2])?.bandwidth).toBeCloseTo((0.9 / 1.34) * 2 ** -0.2, 12);
    expect(kernelDensity([1, 1, 1])).toBeNull();
    expect(kernelDensity([1, Number.POSITIVE_INFINITY])).toBeNull();
  });
});
