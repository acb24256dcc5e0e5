import type { GroupSums } from "@reprise/contracts";
import { expect, it } from "vitest";
import { runGroupOf } from "./run-groups.js";

const sums: GroupSums = {
  by: { arm: "free" },
  ...{
    runs: 7,
    diverged: 0,
    n: 6,
    cells: 6,
    mean: 10,
    sd: 2,
    min: 7,
    max: 13,
    cellMean: 10,
    cellSd: 2,
    cellMin: 7,
    cellMax: 13,
  },
};

it("takes the interval over runs where every cell has one", () => {
  // t(0.9975, 5) = 4.7733 (SciPy); 4.7733 × 2 / √6 = 3.8974.
  const { interval, n, runs } = runGroupOf(sums);
  expect({ n, runs, over: interval?.over }).toEqual({ n: 6, runs: 7, over: "runs" });
  expect(interval?.low).toBeCloseTo(10 - 3.8974, 3);
  expect(interval?.high).toBeCloseTo(10 + 3.8974, 3);
});

it("gives no interval of a mean in which results and answers of diverged runs are mixed", () => {
  const { interval, intervalReason, mean } = runGroupOf({ ...sums, diverged: 1 });
  expect({ interval, mean }).toEqual({ interval: null, mean: 10 });
  expect(intervalReason).toMatch(/^1 of the runs diverged/);
});

it("takes it over cells where repeats share a seed, and over nothing that is one or not finite", () => {
  // t(0.9975, 2) = 14.0890; 14.0890 × 1 / √3 = 8.1343.
  const clustered = runGroupOf({ ...sums, cells: 3, cellSd: 1 }).interval;
  expect(clustered?.over).toBe("cells");
  expect(clustered?.low).toBeCloseTo(10 - 8.1343, 3);
  expect(runGroupOf({ ...sums, n: 1, cells: 1, sd: null }).interval).toBeNull();
  expect(runGroupOf({ ...sums, mean: Number.NaN })).toMatchObject({ mean: "NaN", interval: null });
});
