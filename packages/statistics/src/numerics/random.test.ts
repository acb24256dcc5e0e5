import { describe, expect, it } from "vitest";
import { mean, standardDeviation } from "../summary.js";
import { createRandom, philox4x32 } from "./random.js";

describe("Philox4x32-10", () => {
  it.each([
    // The known answers published with Random123 (kat_vectors).
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)("gives the published words (%#)", (counter, key, words) => {
    expect(philox4x32(counter, key)).toEqual(words);
  });
});

describe("a stream", () => {
  it("is the concatenation of its blocks and depends on seed and stream only", () => {
    const random = createRandom(7, 3);
    const words = Array.from({ length: 8 }, () => random.uint32());
    expect(words).toEqual([...philox4x32([0, 0, 3, 0], [7, 0]), ...philox4x32([1, 0, 3, 0], [7, 0])]);
    const again = createRandom(7, 3);
    expect(Array.from({ length: 8 }, () => again.uint32())).toEqual(words);
    expect(createRandom(7, 4).uint32()).not.toBe(words[0]);
    expect(createRandom(7 + 2 ** 32, 3).uint32()).not.toBe(words[0]);
  });

  it("is uniform and normal to within sampling error", () => {
    const random = createRandom(1);
    const uniforms = Array.from({ length: 50_000 }, () => random.uniform());
    expect(Math.abs(mean(uniforms) - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / 50_000));
    expect(uniforms.every((u) => u >= 0 && u < 1)).toBe(true);
    const normals = Array.from({ length: 50_000 }, () => random.normal());
    expect(Math.abs(mean(normals))).toBeLessThan(4 / Math.sqrt(50_000));
    expect(Math.abs(standardDeviation(normals) - 1)).toBeLessThan(4 / Math.sqrt(100_000));
  });

  it("draws integers below the bound, each about equally often", () => {
    const random = createRandom(2);
    const counts = new Array<number>(6).fill(0);
    for (const i of random.indices(6, 60_000)) counts[i] = (counts[i] ?? 0) + 1;
    const chiSquare = counts.reduce((total, count) => total + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(20.5); // 99.9 % quantile at 5 degrees of freedom
  });
});
