import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { proportionOfCases, twoByTwoOfRates } from "./counting-arithmetic.js";

const rounded = (value: number, decimals: number) => ({
  value: Number(value.toFixed(decimals)),
  half: 0.5 * 10 ** -decimals,
});

describe("a share of whole cases", () => {
  it("tells 93.50 % of 228 from 93.42 % of 228", () => {
    expect(proportionOfCases({ value: 0.935, half: 0.00005, cases: 228 })).toEqual({
      possible: false,
      below: 213,
      above: 214,
    });
    expect(proportionOfCases({ value: 0.9342, half: 0.00005, cases: 228 }).possible).toBe(true);
  });

  it("has nothing to say where every printed number is possible", () => {
    expect(proportionOfCases({ value: 0.9257, half: 0.00005, cases: 10_000 }).possible).toBeNull();
  });

  it("takes a share that was cut off for what it is", () => {
    // 2/3 = 0.666…, printed as 0.66
    expect(proportionOfCases({ value: 0.66, half: 0.005, cases: 3 }).possible).toBe(true);
    expect(proportionOfCases({ value: 0.65, half: 0.005, cases: 3 }).possible).toBe(false);
    expect(proportionOfCases({ value: 1, half: 0.005, cases: 3 }).possible).toBe(true);
  });

  it("never refuses a rounded share", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.nat(),
        fc.integer({ min: 1, max: 6 }),
        (cases, k, decimals) => {
          const count = k % (cases + 1);
          expect(proportionOfCases({ ...rounded(count / cases, decimals), cases }).possible).not.toBe(false);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe("a table of two by two", () => {
  it("cannot have rates that no division of its cases gives", () => {
    const given = {
      accuracy: rounded(0.9, 3),
      sensitivity: rounded(0.925, 3),
      specificity: rounded(0.875, 3),
      cases: 80,
    };
    expect(twoByTwoOfRates(given)).toBe(true);
    expect(twoByTwoOfRates({ ...given, accuracy: rounded(0.905, 3) })).toBe(false);
    expect(twoByTwoOfRates({ ...given, cases: 200_000 })).toBeNull();
  });

  it("never refuses rates that were computed from one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 400 }),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 5 }),
        (positives, negatives, a, b, decimals) => {
          const [tp, tn] = [a % (positives + 1), b % (negatives + 1)];
          const cases = positives + negatives;
          expect(
            twoByTwoOfRates({
              accuracy: rounded((tp + tn) / cases, decimals),
              sensitivity: rounded(tp / positives, decimals),
              specificity: rounded(tn / negatives, decimals),
              cases,
            }),
          ).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
