import { describe, expect, it } from "vitest";
import { createRandom, type Random } from "../numerics/random.js";
import { seedShare } from "./seed-share.js";
import { typicalDifference } from "./typical-difference.js";
import { varianceComponentsOneway } from "./variance-components.js";

describe("a typical difference", () => {
  it("is the median over disjoint pairs, with ranks 6 and 15 of 20 as its interval", () => {
    // Ranks of the distribution-free 95 % interval of a median, n = 20: 6 and 15 (Conover 1999, §3.2).
    const samples = Array.from({ length: 20 }, (_, i) => [0, i + 1]);
    expect(typicalDifference(samples)).toEqual({
      estimate: 10.5,
      interval: [6, 15],
      pairs: 20,
      effectivePairs: 20,
    });
  });

  it("needs six pairs", () => {
    const six = typicalDifference([
      [0, 1, 0, 2, 0, 3],
      [0, 4, 0, 5, 0, 6, 9],
    ]);
    expect(six).toMatchObject({ interval: [1, 6], pairs: 6 });
    expect(typicalDifference([[0, 1, 0, 2]])).toMatchObject({
      interval: [Number.NaN, Number.NaN],
      reason: "2 disjoint pairs: an interval needs 6.",
    });
  });
});

describe("a typical difference of runs that were made in sessions", () => {
  const blocks = Array.from({ length: 5 }, () => Array.from({ length: 8 }, (_, i) => i));
  /** Five seeds, eight blocks, each block with a state of its own. */
  const study = (random: Random, sd: number) => {
    const states = Array.from({ length: 8 }, () => sd * random.normal());
    return blocks.map(() => states.map((state) => state + random.normal()));
  };

  it("counts pairs of one block together, down to no interval", () => {
    const random = createRandom(5);
    const samples = study(random, 20);
    const alike = typicalDifference(samples, { blocks });
    expect(alike.effectivePairs).toBeLessThan(6);
    expect(alike.reason).toMatch(/made at about the same time/);
    expect(typicalDifference(samples).interval[0]).toBeGreaterThan(0);
  });

  it("covers the truth of runs in sessions of their own, and nearly all pairs count without sessions", () => {
    const random = createRandom(6);
    // Normal differences with variance 2 (1 + sd²): median 0.6745 √(2 (1 + sd²)).
    const truth = 0.674_49 * Math.sqrt(4);
    let [covered, given, naive, pairs] = [0, 0, 0, 0];
    for (let i = 0; i < 400; i++) {
      const samples = study(random, 1);
      const holds = ([low, high]: readonly number[]) => Number(low) <= truth && truth <= Number(high);
      const { interval } = typicalDifference(samples, { blocks });
      if (holds(typicalDifference(samples).interval)) naive += 1;
      if (!Number.isNaN(interval[0])) given += 1;
      if (holds(interval)) covered += 1;
      pairs += typicalDifference(study(random, 0), { blocks }).effectivePairs / 400;
    }
    expect(naive / 400).toBeLessThan(0.93);
    expect(covered / given).toBeGreaterThan(0.95);
    expect(given).toBeGreaterThan(200);
    expect(pairs).toBeGreaterThan(14);
  });
});

describe("the share of seeds", () => {
  const random = createRandom(3);
  const study = (seeds: number) =>
    Array.from({ length: seeds }, () => {
      const effect = 2 * random.normal();
      return Array.from({ length: 4 }, () => effect + random.normal());
    });

  it("has the intraclass correlation of one-way components", () => {
    const values = study(6);
    expect(seedShare([values]).icc).toBeCloseTo(varianceComponentsOneway(values).icc1, 12);
  });

  it("is not bounded below four seeds", () => {
    expect(seedShare([study(3)])).toMatchObject({ interval: [Number.NaN, Number.NaN] });
  });

  it("covers the truth of log-normal seeds and repeats", () => {
    const draw = () => Math.exp(random.normal());
    let covered = 0;
    for (let i = 0; i < 300; i++) {
      const values = Array.from({ length: 5 }, () => {
        const effect = 2 * draw();
        return Array.from({ length: 5 }, () => effect + draw());
      });
      const [low, high] = seedShare([values]).interval;
      if (low <= 0.8 && 0.8 <= high) covered += 1;
    }
    expect(covered / 300).toBeGreaterThan(0.93);
  });
});
