import { describe, expect, it } from "vitest";
import { createRandom } from "../numerics/random.js";
import { mean, variance } from "../summary.js";
import { betweenSdInterval, pooledSpread, shareBetweenGroups } from "./pooled-spread.js";
import { standardDeviationInterval } from "./variance-tests.js";

describe("pooledSpread", () => {
  it("is the spread of a lone sample with its interval", () => {
    const x = [1, 2, 4, 8];
    const { sd, df, interval } = pooledSpread([x, [3]]);
    expect(sd).toBeCloseTo(Math.sqrt(variance(x)), 14);
    expect(df).toBe(3);
    expect(interval[0]).toBeCloseTo(standardDeviationInterval(x)[0], 12);
    expect(interval[1]).toBeCloseTo(standardDeviationInterval(x)[1], 12);
  });

  it("says when there is nothing to pool", () => {
    expect(pooledSpread([[1], [2]])).toMatchObject({ sd: Number.NaN, df: 0, reason: expect.any(String) });
    expect(
      pooledSpread([
        [1, 1],
        [2, 2],
      ]),
    ).toMatchObject({ sd: 0, interval: [0, 0] });
  });
});

describe("betweenSdInterval", () => {
  it("covers the true standard deviation about as often as it says", () => {
    const random = createRandom(7);
    const normal = () => random.normal();
    const [groups, size, trials] = [5, 4, 2000];
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const data = Array.from({ length: groups }, () => {
        const centre = normal();
        return Array.from({ length: size }, () => centre + normal());
      });
      const means = data.map((group) => mean(group));
      const [low, high] = betweenSdInterval({
        msBetween: size * variance(means),
        dfBetween: groups - 1,
        msWithin: mean(data.map((group) => variance(group))),
        dfWithin: groups * (size - 1),
        size,
      });
      if (low <= 1 && high >= 1) covered += 1;
    }
    expect(covered / trials).toBeGreaterThan(0.935);
    expect(covered / trials).toBeLessThan(0.975);
  });

  it("is undefined without repeats", () => {
    const squares = { msBetween: 1, dfBetween: 4, msWithin: 0, dfWithin: 0, size: 1 };
    expect(betweenSdInterval(squares)).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("shareBetweenGroups", () => {
  it("adds up to 1 over the factors of an additive grid", () => {
    const cell = (a: number, b: number) => 3 * a + b;
    const byA = [0, 1].map((a) => [0, 1, 2].map((b) => cell(a, b)));
    const byB = [0, 1, 2].map((b) => [0, 1].map((a) => cell(a, b)));
    expect(shareBetweenGroups(byA) + shareBetweenGroups(byB)).toBeCloseTo(1, 12);
    expect(shareBetweenGroups(byA)).toBeCloseTo(13.5 / 17.5, 12);
  });
});
