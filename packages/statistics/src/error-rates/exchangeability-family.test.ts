import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createRandom } from "../numerics/random.js";
import { mean } from "../summary.js";
import { exchangeShiftInterval } from "./exchange-interval.js";
import { exchangeabilityFamily, repeatsToReach } from "./exchangeability-family.js";
import type { ExchangeBlock } from "./relabelings.js";

type Case = {
  name: string;
  blocks: ExchangeBlock[];
  p: number[];
  adjustedP: (number | null)[];
  scipyP?: number[];
};
const { cases }: { cases: Case[] } = JSON.parse(
  readFileSync(new URL("./exchangeability.data.json", import.meta.url), "utf8"),
);

const shifted = (by: number): ExchangeBlock[] => [
  { treated: 10 + by, reference: [9, 10, 11, 12, 9.5] },
  { treated: 20 + by, reference: [19, 20.5, 21, 22, 19.5] },
  { treated: 5 + by, reference: [4.2, 5, 6, 5.5, 4.7] },
];

describe("the family of shift, dispersion and single seeds", () => {
  it.each(cases)("agrees with brute force and SciPy: $name", ({ blocks, p, adjustedP, scipyP }) => {
    const group = exchangeabilityFamily([blocks]).groups[0];
    const tests = [group?.shift, group?.dispersion, ...(group?.seeds ?? [])].filter((test) => test != null);
    expect(tests.map((test) => test.p)).toEqual(p.map((value) => expect.closeTo(value, 12)));
    expect(tests.map((test) => test.adjustedP)).toEqual(
      adjustedP.map((value) => (value === null ? null : expect.closeTo(value, 12))),
    );
    for (const [i, value] of (scipyP ?? []).entries()) expect(tests[i]?.p).toBeCloseTo(value, 12);
  });

  it("leaves out beforehand what no data could reject, and says how small p could be", () => {
    const [group] = exchangeabilityFamily([[{ treated: 99, reference: [1, 2, 3, 4, 5, 6, 7, 8] }]]).groups;
    expect(group).toMatchObject({
      relabelings: 9,
      shift: { p: expect.closeTo(1 / 9, 12), adjustedP: null, smallestP: expect.closeTo(1 / 9, 12) },
      dispersion: null,
    });
    expect([1, 2, 3, 5].map((seeds) => repeatsToReach(seeds))).toEqual([19, 4, 2, 2]);
  });

  it("adjusts over independent configurations by the product of their maxima", () => {
    const one = exchangeabilityFamily([shifted(1)]).groups[0]?.shift.adjustedP ?? Number.NaN;
    const two = exchangeabilityFamily([shifted(1), shifted(0)]);
    const p = two.groups[0]?.shift.adjustedP ?? Number.NaN;
    expect(two.members).toBe(4);
    expect(p).toBeGreaterThan(one);
    expect(p).toBeLessThan(2 * one + 1e-12);
  });

  it("draws relabelings where there are too many, with the observed one among them", () => {
    const options = { exactUpTo: 100, draws: 999, seed: 7 };
    const [drawn] = exchangeabilityFamily([shifted(30)], options).groups;
    expect(drawn).toMatchObject({ exact: false, draws: 999, relabelings: 216 });
    expect(drawn?.shift.p).toBeGreaterThanOrEqual(1 / 1000);
    expect(drawn?.shift.standardError).toBeGreaterThan(0);
    expect(exchangeabilityFamily([shifted(30)], options)).toEqual(
      exchangeabilityFamily([shifted(30)], options),
    );
  });

  it("exchanges a value only with those that may take its place", () => {
    const blocks = shifted(0).map((block) => ({
      ...block,
      exchangeable: [true, false, false, false, false],
    }));
    expect(exchangeabilityFamily([blocks]).groups[0]?.relabelings).toBe(8);
  });

  it("does not depend on unit or origin, nor on the order of runs", () => {
    const moved = shifted(3).map(({ treated, reference }) => ({
      treated: 1e4 + 0.01 * treated,
      reference: reference.map((value) => 1e4 + 0.01 * value).toReversed(),
    }));
    const close = (group: ReturnType<typeof exchangeabilityFamily>["groups"][number] | undefined) => [
      group?.shift.p,
      group?.dispersion?.p,
    ];
    expect(close(exchangeabilityFamily([moved]).groups[0])).toEqual(
      close(exchangeabilityFamily([shifted(3)]).groups[0]),
    );
  });

  it("names the seed that cannot be used", () => {
    expect(() => exchangeabilityFamily([[{ treated: 1, reference: [1] }]])).toThrow(/blocks\[0\]\.reference/);
    expect(() => exchangeabilityFamily([[{ treated: Number.NaN, reference: [1, 2] }]])).toThrow(/finite/);
    expect(() => exchangeabilityFamily([[]])).toThrow(/groups\[0\]/);
  });
});

describe("the interval of a shift by relabeling", () => {
  it("holds 0 exactly where the test does not reject", () => {
    const random = createRandom(11);
    for (let study = 0; study < 40; study++) {
      const blocks = Array.from({ length: 3 }, () => ({
        treated: random.normal() + 1,
        reference: Array.from({ length: 4 }, () => random.normal()),
      }));
      const p = exchangeabilityFamily([blocks]).groups[0]?.shift.p ?? Number.NaN;
      const [low, high] = exchangeShiftInterval(blocks);
      expect(low <= 0 && high >= 0).toBe(p > 0.05);
      expect((low + high) / 2).toBeCloseTo(mean(blocks.map((b) => b.treated - mean(b.reference))), 0);
    }
  });

  it("is the whole line where relabelings are too few", () => {
    expect(exchangeShiftInterval([{ treated: 3, reference: [1, 2, 3, 4] }])).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
  });
});
