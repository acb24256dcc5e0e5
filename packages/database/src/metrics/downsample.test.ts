import fc from "fast-check";
import { expect, test } from "vitest";
import { downsampleIndices } from "./downsample.js";

const value = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0, 1));

test("a series within the budget stays whole", () => {
  expect(downsampleIndices([3, Number.NaN, 1], 3)).toEqual([0, 1, 2]);
});

test("of each stretch, smallest, largest and last are kept", () => {
  //                         0  1   2  3  4  5  6  7
  expect(downsampleIndices([5, 9, -1, 4, 0, 0, 7, 1], 6)).toEqual([1, 2, 3, 4, 6, 7]);
});

test("NaN is neither smallest nor largest, and the first of a stretch stays, so that there is a gap", () => {
  const nan = Number.NaN;
  expect(downsampleIndices([nan, 2, 1, nan, nan, nan, nan, nan], 6)).toEqual([0, 1, 2, 7]);
  expect(downsampleIndices([5, 2, 9, nan, 3, 4, 3, 3], 4)).toEqual([1, 2, 3, 7]);
});

test("for any series and budget: within the budget, ascending, with the extremes and the end", () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 400 }),
      fc.integer({ min: 3, max: 120 }),
      (values, budget) => {
        const kept = downsampleIndices(values, budget);
        expect(kept.length).toBeLessThanOrEqual(budget);
        expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
        expect(kept.at(-1)).toBe(values.length - 1);
        const numbers = values.filter((item) => !Number.isNaN(item));
        const keptNumbers = kept
          .flatMap((index) => values[index] ?? [])
          .filter((item) => !Number.isNaN(item));
        if (numbers.length > 0) {
          expect(Math.min(...keptNumbers)).toBe(Math.min(...numbers));
          expect(Math.max(...keptNumbers)).toBe(Math.max(...numbers));
        }
        expect(downsampleIndices(values, budget)).toEqual(kept);
      },
    ),
  );
});
