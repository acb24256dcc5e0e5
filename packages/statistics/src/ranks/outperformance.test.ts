import { describe, expect, it } from "vitest";
import { createRandom } from "../numerics/random.js";
import { clusteredAuc } from "../patients/clustered-auc.js";
import { expectedMaximumOf, expectedNormalMaximum } from "./expected-maximum.js";
import { outperformance, pairsForOutperformance } from "./outperformance.js";

describe("the best of n", () => {
  it("lies as far above the mean as Harter's table (1961) says", () => {
    const printed = new Map([
      [1, 0],
      [2, 0.56419],
      [3, 0.84628],
      [5, 1.16296],
      [10, 1.53875],
      [20, 1.86748],
      [100, 2.50759],
    ]);
    for (const [n, value] of printed) expect(expectedNormalMaximum(n)).toBeCloseTo(value, 5);
  });

  it("of the values themselves is their mean at k = 1 and grows to their maximum", () => {
    const x = [0.91, 0.87, 0.9, 0.95];
    expect(expectedMaximumOf(x, 1)).toBeCloseTo(0.9075, 12);
    expect(expectedMaximumOf(x, 2)).toBeCloseTo((0.87 + 3 * 0.9 + 5 * 0.91 + 7 * 0.95) / 16, 12);
    expect(expectedMaximumOf(x, 500)).toBeCloseTo(0.95, 12);
  });
});

describe("P(A > B)", () => {
  const draws = (n: number, shift: number, stream: number) => {
    const random = createRandom(5, stream);
    return Array.from({ length: n }, () => shift + random.normal());
  };

  it("needs 29 pairs for gamma = 0.75, as Bouthillier et al. say", () => {
    expect(pairsForOutperformance(0.75)).toBe(29);
    expect(outperformance([1, 2, 3], [0, 1, 2], { paired: true })).toMatchObject({
      probability: 1,
      interval: [Number.NaN, Number.NaN],
      verdict: "too-few",
    });
  });

  it("has three verdicts", () => {
    const judge = (shift: number, n: number, paired: boolean) =>
      outperformance(draws(n, shift, 1), draws(n, 0, 2), { paired });
    expect(judge(0, 60, true).verdict).toBe("not-shown");
    expect(judge(2, 60, true).verdict).toBe("better");
    expect(judge(0.35, 2000, true).verdict).toBe("better-but-not-meaningfully");
    // Φ(2/√2) = 0.921
    expect(judge(2, 60, false).probability).toBeCloseTo(0.92, 1);
  });

  it("has an interval that does not collapse where A always wins", () => {
    const [better, worse] = [draws(40, 9, 3), draws(40, 0, 4)];
    // Clopper and Pearson's lower limit of n successes in n: (α/2)^(1/n).
    for (const paired of [true, false])
      expect(outperformance(better, worse, { paired }).interval).toEqual([
        expect.closeTo(0.025 ** (1 / 40), 10),
        1,
      ]);
    // Of the area between: DeLong's variance on the logit scale, as clusteredAuc gives it for cases of their own.
    const [a, b] = [draws(60, 1, 5), draws(50, 0, 6)];
    const area = clusteredAuc([...a.map(() => 1), ...b.map(() => 0)], [...a, ...b], null);
    expect(outperformance(a, b, { paired: false })).toMatchObject({
      probability: area.aucA,
      interval: area.ciA,
    });
  });

  it("counts ties half", () => {
    const even = Array.from({ length: 40 }, () => 1);
    expect(outperformance(even, even, { paired: false }).probability).toBe(0.5);
  });
});
