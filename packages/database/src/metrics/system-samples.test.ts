import fc from "fast-check";
import { expect, test } from "vitest";
import { maxSystemSamples, systemSampleStride } from "./system-samples.js";

test("the spacing of kept samples doubles whenever they would become more than the room for them", () => {
  expect([1, 2_000, 2_001, 4_000, 4_001, 8_001].map(systemSampleStride)).toEqual([1, 1, 2, 2, 4, 8]);
});

test("however long an attempt, samples are bounded, evenly spaced, and half the room at least is used", () => {
  fc.assert(
    fc.property(fc.integer({ min: maxSystemSamples, max: 100_000_000 }), (looks) => {
      const kept = Math.ceil(looks / systemSampleStride(looks));
      expect(kept).toBeLessThanOrEqual(maxSystemSamples);
      expect(kept).toBeGreaterThanOrEqual(maxSystemSamples / 2);
      // Whatever is kept of a longer attempt had been kept before.
      expect(systemSampleStride(looks + 1) % systemSampleStride(looks)).toBe(0);
    }),
  );
});
