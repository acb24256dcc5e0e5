import { describe, expect, it } from "vitest";
import { captionDuplicates } from "./batch.js";

describe("batches", () => {
  it("count what equal captions cost: ln 2 in each of two equal rows of four", () => {
    const { floor, rate } = captionDuplicates([7, 3, 7, 5]);
    expect(floor).toBeCloseTo((2 * Math.log(2)) / 4, 12);
    expect(rate).toBe(0.5);
    expect(captionDuplicates([1, 2, 3])).toEqual({ floor: 0, rate: 0 });
  });
});
