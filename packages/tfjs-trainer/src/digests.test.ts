import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { digestOfStep, digestOfWeights, foldTensors, murmur128, sha256 } from "./digests.js";
import { layOut } from "./layout.js";

describe("digests", () => {
  // From the reference implementation (mmh3 for Python, 32-bit variant, seed 0) over the little-endian bytes.
  test.each([
    [[], "00000000 00000000 00000000 00000000"],
    [[1], "cf0f20ca 519c70b1 519c70b1 519c70b1"],
    [[1, 2], "40e85748 a4321e5e 7fee4e56 7fee4e56"],
    [[1, 2, 3], "85047216 70aa166f 7385e62f 9204edfb"],
    [[1, 2, 3, 4], "37d6ee17 3d4a429d 3dbb9c17 5b64b81d"],
    [[-1, 5, 2147483647, -2147483648, 42], "c972edf8 a2eb8d35 6608f026 61b0af9d"],
    [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], "167ee7a7 b9e304ae 3531e81d f687d68a"],
  ])("MurmurHash3 x86 128 of %j", (words, expected) => {
    const hash = murmur128(Int32Array.from(words)).map((word) => (word >>> 0).toString(16).padStart(8, "0"));
    expect(hash.join(" ")).toBe(expected);
  });

  test("a step's digest sees every bit of loss, gradient and weights", () => {
    const gradient = Float32Array.from({ length: 101 }, (_, i) => Math.sin(i));
    const tensors = [
      { offset: 0, size: 1 },
      { offset: 1, size: 100 },
    ];
    const digestOf = (loss: number, values: Float32Array, weights: Float32Array | null = null) => {
      const folds = [values, weights].map((vector) => {
        if (vector === null) return null;
        const fold = new Int32Array(8);
        foldTensors(vector, tensors, fold);
        return fold;
      });
      return digestOfStep(Float32Array.of(loss), folds[0] ?? new Int32Array(), folds[1] ?? null);
    };
    const base = digestOf(0.5, gradient);
    expect(base).toMatch(/^[0-9a-f]{32}$/);
    const seen = new Set([
      base,
      digestOf(Math.fround(0.5000001), gradient),
      digestOf(0.5, gradient, gradient),
    ]);
    for (const i of [0, 1, 50, 100]) {
      const bits = new Int32Array(Float32Array.from(gradient).buffer);
      bits[i] = (bits[i] ?? 0) ^ 1;
      seen.add(digestOf(0.5, new Float32Array(bits.buffer)));
      seen.add(digestOf(0.5, gradient, new Float32Array(bits.buffer)));
    }
    expect(seen.size).toBe(11);
  });

  test("a run's digest covers names, shapes and bytes of all tensors in name order", () => {
    const layout = layOut([
      { name: "b", shape: [2], role: "bias", fanIn: 1 },
      { name: "a", shape: [1, 1], role: "weight", fanIn: 1 },
    ]);
    const bytes = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
    const expected = createHash("sha256")
      .update("a float32 [1,1]\n")
      .update(bytes(3))
      .update("b float32 [2]\n")
      .update(bytes(1, 2))
      .digest("hex");
    expect(digestOfWeights(Float32Array.of(1, 2, 3), layout)).toBe(expected);
    expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});
