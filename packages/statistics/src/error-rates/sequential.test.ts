import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { tQuantile } from "../numerics/distributions.js";
import { simulateSequentialStudies, stoppingRules, worlds } from "../validation/sequential-studies.js";
import { anytimeCriticalT, anytimeOneSidedT, anytimeT } from "./anytime-t.js";
import { groupSequentialT } from "./group-sequential-t.js";
import { crossingProbabilities, groupSequentialZ } from "./group-sequential-z.js";

type Reference = {
  z: {
    fractions: number[];
    spending: "obrien-fleming" | "pocock";
    alpha: number;
    sides: 1 | 2;
    bounds: number[];
  }[];
  eValues: { x: number[]; mu: number; effectVariance: number; eValue: number; oneSided: number }[];
  t: { looks: number[]; bounds: number[]; sides: 1 | 2; crossed: number }[];
};
// By reference/sequential.R; software and versions stand in it.
const reference: Reference = JSON.parse(
  readFileSync(new URL("../../reference/sequential.json", import.meta.url), "utf8"),
);

const fifths = [0.2, 0.4, 0.6, 0.8, 1];

describe("bounds of z", () => {
  it("are those of R's mvtnorm", () => {
    for (const { fractions, bounds, ...options } of reference.z)
      for (const [look, z] of groupSequentialZ(fractions, options).entries())
        expect(z).toBeCloseTo(bounds[look] ?? 0, 4);
  });

  it("are those printed for five equal looks at 5 %", () => {
    // R package ldbounds, and Reboussin, DeMets, Kim & Lan (2000), Controlled Clinical Trials 21.
    const printed = {
      "obrien-fleming": [4.8769, 3.3569, 2.6803, 2.2898, 2.031],
      pocock: [2.438, 2.4268, 2.4101, 2.3966, 2.3859],
    } as const;
    for (const spending of ["obrien-fleming", "pocock"] as const)
      for (const [look, z] of groupSequentialZ(fifths, { spending }).entries())
        expect(Math.abs(z - Number(printed[spending][look]))).toBeLessThan(3e-4);
  });

  it("give 5 % for the constants of Jennison and Turnbull (2000), tables 2.1 and 2.3", () => {
    const pocock = new Map([
      [2, 2.178],
      [3, 2.289],
      [4, 2.361],
      [5, 2.413],
      [10, 2.555],
    ]);
    const fleming = new Map([
      [2, 1.977],
      [3, 2.004],
      [4, 2.024],
      [5, 2.04],
      [10, 2.087],
    ]);
    const level = (k: number, boundAt: (t: number) => number) => {
      const looks = Array.from({ length: k }, (_, i) => (i + 1) / k);
      return crossingProbabilities(looks, looks.map(boundAt)).at(-1);
    };
    for (const [k, c] of pocock) expect(level(k, () => c)).toBeCloseTo(0.05, 3);
    for (const [k, c] of fleming) expect(level(k, (t) => c / Math.sqrt(t))).toBeCloseTo(0.05, 3);
  });
});

describe("bounds of t", () => {
  it("are the t-test's where there is one look", () => {
    for (const n of [3, 8, 20]) {
      // The grid errs by less than a thousandth, to the safe side.
      const ratios = [
        Number(groupSequentialT([n])[0]) / tQuantile(0.975, n - 1),
        Number(groupSequentialT([n], { sides: 1 })[0]) / tQuantile(0.95, n - 1),
      ];
      for (const ratio of ratios) expect(Math.abs(ratio - 1)).toBeLessThan(1e-3);
    }
  });

  it("hold 5 % in another program's simulation", () => {
    for (const { looks, bounds, sides, crossed } of reference.t) {
      // Four standard errors of 400,000 studies.
      expect(Math.abs(crossed - 0.05)).toBeLessThan(0.0014);
      const spending = Number(bounds[0]) > 10 ? "obrien-fleming" : "pocock";
      for (const [look, t] of groupSequentialT(looks, { sides, spending }).entries())
        expect(t / Number(bounds[look])).toBeCloseTo(1, 4);
    }
  });

  it("keep for later what an early look cannot resolve", () => {
    const bounds = groupSequentialT([2, 3, 20], { spending: "obrien-fleming" });
    expect(bounds.slice(0, 2)).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(bounds[2]).toBeCloseTo(tQuantile(0.975, 19), 2);
  });

  it("refuse looks that do not grow", () => {
    expect(() => groupSequentialT([5, 5])).toThrow("looks[1]");
  });
});

describe("the anytime-valid t", () => {
  it("has the e-values of a direct average over SD and effect size", () => {
    for (const { x, mu, effectVariance, eValue, oneSided } of reference.eValues) {
      expect(anytimeT(x, { mu, effectVariance }).eValue / eValue).toBeCloseTo(1, 5);
      // The bound of one side that is used never says more than that side's own e-value.
      const least =
        2 * anytimeT(x, { mu, effectVariance }).eValue - 1 / Math.sqrt(1 + x.length * effectVariance);
      expect(least).toBeLessThanOrEqual(oneSided * (1 + 1e-6));
      expect(least / oneSided).toBeGreaterThan(0.8);
    }
  });

  it("leaves the null value out of the interval exactly where the e-value reaches 1/alpha", () => {
    const x = [1.2, 0.7, 1.9, 0.4, 1.1, 1.6, 0.9];
    const { interval } = anytimeT(x);
    for (const mu of interval) expect(anytimeT(x, { mu }).eValue).toBeCloseTo(20, 6);
    expect(anytimeOneSidedT(7)).toBeLessThan(anytimeCriticalT(7));
  });

  it("says nothing of fewer than four values, nor of equal ones", () => {
    expect(anytimeT([1, 1.001, 1.0005]).interval).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
    expect(anytimeT([1, 1, 1, 1, 1])).toMatchObject({ eValue: 1, reason: expect.stringContaining("equal") });
  });
});

describe("studies that stop", () => {
  it("claim falsely in at most 5 % of 2,000, where a t-test after each seed does in more than 20 %", () => {
    const rules = stoppingRules();
    const [world] = worlds;
    if (!world) throw new Error("no world");
    const common = { world, margin: 1, studies: 2000, seed: 7 };
    const same = simulateSequentialStudies(rules, { ...common, effect: 0 });
    const onMargin = simulateSequentialStudies(rules, { ...common, effect: 1 });
    rules.forEach(({ name }, i) => {
      const [difference, equivalence] = [Number(same[i]?.difference), Number(onMargin[i]?.equivalence)];
      if (name.startsWith("t-test after each")) expect(difference).toBeGreaterThan(0.2);
      // Two and a half standard errors of 2,000 studies.
      else expect(Math.max(difference, equivalence)).toBeLessThan(0.0625);
    });
  });
});
