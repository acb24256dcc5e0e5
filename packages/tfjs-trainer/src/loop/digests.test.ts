import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { digestOfStep, digestOfWeights, fold128, foldTensors, sha256 } from "./digests.js";
import { layOut } from "./layout.js";

describe("digests", () => {
  test("a fold sees every word, its place and the length, and spreads one bit over all 128", () => {
    const words = Int32Array.from({ length: 103 }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
    const textOf = (of: Int32Array) =>
      fold128(of)
        .map((word) => (word >>> 0).toString(2).padStart(32, "0"))
        .join("");
    const base = textOf(words);
    const seen = new Set([
      base,
      textOf(words.subarray(1)),
      textOf(new Int32Array()),
      textOf(Int32Array.of(0)),
    ]);
    expect(seen.size).toBe(4);
    const flips: number[] = [];
    for (let i = 0; i < words.length; i++) {
      for (const bit of [0, 15, 31]) {
        const changed = Int32Array.from(words);
        changed[i] = (changed[i] ?? 0) ^ (1 << bit);
        const text = textOf(changed);
        seen.add(text);
        flips.push([...text].filter((digit, at) => digit !== base[at]).length);
      }
    }
    expect(seen.size).toBe(4 + 3 * words.length);
    expect(flips.reduce((a, b) => a + b) / flips.length).toBeGreaterThan(60);
    expect(Math.min(...flips)).toBeGreaterThan(32);
  });

  test("a fold tells two signs that changed, and two words that changed places", () => {
    const words = Float32Array.from({ length: 64 }, (_, i) => i + 1);
    const of = (change: (values: Float32Array) => void) => {
      const values = Float32Array.from(words);
      change(values);
      return fold128(new Int32Array(values.buffer)).join();
    };
    const seen = [0, 4, 8, 12, 16].map((at) =>
      of((values) => {
        values[at] = -(values[at] ?? 0);
        values[at + 4] = -(values[at + 4] ?? 0);
      }),
    );
    const swapped = of((values) => values.set([values[4] ?? 0, 2, 3, 4, values[0] ?? 0]));
    expect(new Set([of(() => {}), swapped, ...seen]).size).toBe(7);
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
