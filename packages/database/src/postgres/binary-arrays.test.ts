import { expect, it } from "vitest";
import { intArray } from "./binary-arrays.js";

it("a list of int4 refuses what int4 does not hold, instead of another number", () => {
  expect(intArray([[2 ** 31 - 1, -(2 ** 31)]]).length).toBe(20 + 2 * 8);
  for (const number of [3e9, -3e9, 0.5, Number.NaN])
    expect(() => intArray([[1], [number]])).toThrow(RangeError);
});
