import type { LadderRung, RungPart, TensorDigests } from "@reprise/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divergenceLines, divergenceSentences } from "./divergence-words.js";
import { isAfter, locateDivergence } from "./locate-divergence.js";
import { tensorDistance } from "./tensor-distance.js";

const distance = (a: number[], b: number[]) =>
  tensorDistance("w", Float32Array.from(a), Float32Array.from(b));
const fromBits = (bits: number) => new Float32Array(Int32Array.of(bits).buffer);

describe("the distance of two tensors", () => {
  it("counts the floats between, across powers of two and zero", () => {
    expect(distance([1, 2], [1, 2])).toMatchObject({ size: 2, differing: 0, maxUlp: 0, maxRelativeError: 0 });
    expect(distance([1, 5], [1 + 2 ** -23, 5])).toMatchObject({ differing: 1, maxUlp: 1 });
    expect(distance([1], [1 - 2 ** -24]).maxUlp).toBe(1);
    expect(distance([1], [2]).maxUlp).toBe(2 ** 23);
    expect(distance([2 ** -149], [-(2 ** -149)]).maxUlp).toBe(2);
    expect(distance([0], [-0])).toMatchObject({ differing: 1, maxUlp: 0, maxRelativeError: 0 });
  });

  it("is relative to the larger side, and unbounded where a side is no finite number", () => {
    expect(distance([1, 4], [1, 3]).maxRelativeError).toBe(0.25);
    expect(distance([3], [-3]).maxRelativeError).toBe(2);
    expect(distance([1], [Number.NaN])).toMatchObject({ maxUlp: "Infinity", maxRelativeError: "Infinity" });
    expect(distance([Number.NaN], [Number.NaN])).toMatchObject({ differing: 0, maxUlp: 0 });
    expect(() => distance([1], [1, 2])).toThrow("w has 1 numbers");
  });

  it("is n for the n-th next float, whatever the float", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7f000000 }), fc.integer({ min: 1, max: 1000 }), (bits, n) => {
        expect(tensorDistance("w", fromBits(bits), fromBits(bits + n)).maxUlp).toBe(n);
      }),
    );
  });
});

const rung = (kind: LadderRung["kind"], position: number): LadderRung => ({
  kind,
  position,
  digest: "0",
  algorithm: "sha256",
});
const rungs = [...[0, 1, 2, 3, 4, 5].map((step) => rung("step", step)), rung("epoch", 1), rung("epoch", 2)];
const digested = (part: RungPart, digests: Record<string, string>, position = 4): TensorDigests => ({
  kind: "step",
  part,
  names: Object.keys(digests),
  positions: [position],
  digests: [Object.values(digests).join("")],
  algorithm: "sha256",
});
const weights = (b: number) =>
  new Map([
    ["a", Float32Array.of(1, 2)],
    ["b", Float32Array.of(b)],
  ]);

describe("where two runs part", () => {
  it("is not told by digests of two algorithms, and told by the next of one", () => {
    const onDevice = { ...digested("weights", { a: "9", b: "9" }), algorithm: "rows32" };
    const [place, part] = [{ kind: "step", position: 4 } as const, "weights" as const];
    const source = [digested(part, { a: "1", b: "1" }), digested(part, { a: "1", b: "2" }, 5)];
    const found = locateDivergence(place, rungs, { source, replica: [onDevice], weights: null });
    expect(found).toMatchObject({ part: null, lossDiffers: null, tensors: [] });
    const replica = [onDevice, digested(part, { a: "1", b: "3" }, 5)];
    const later = locateDivergence(place, rungs, { source, replica, weights: null });
    expect(later).toMatchObject({ part, tensors: ["b"], tensorsAt: 5 });
  });

  it("is told by the first part that differs, with all tensors that differ in it", () => {
    const both = digested("loss", { loss: "1" });
    const found = locateDivergence({ kind: "step", position: 4 }, rungs, {
      source: [both, digested("gradient", { a: "1", b: "2", c: "3" }), digested("weights", { a: "1" })],
      replica: [digested("weights", { a: "2" }), digested("gradient", { a: "1", b: "0", c: "0" }), both],
      weights: null,
    });
    expect(found).toMatchObject({
      epoch: 2,
      lossDiffers: false,
      part: "gradient",
      tensors: ["b", "c"],
      tensorsAt: 4,
      measured: null,
    });
    expect(divergenceSentences(found)).toBe(
      "The runs part at step 4 (epoch 2): they differ first in the reduced gradient of b and c.",
    );
  });

  it("says from which later step its tensors are, and in which weights the distance was measured", () => {
    const found = locateDivergence({ kind: "step", position: 3 }, rungs, {
      source: [digested("weights", { a: "1", b: "2" })],
      replica: [digested("weights", { a: "1", b: "0" })],
      weights: {
        stored: "checkpoint",
        step: 6,
        epoch: 2,
        source: weights(1),
        replica: weights(1 + 2 ** -23),
      },
    });
    expect(found.measured).toEqual({
      stored: "checkpoint",
      step: 6,
      epoch: 2,
      tensors: [
        { tensor: "b", size: 1, differing: 1, maxUlp: 1, maxRelativeError: expect.closeTo(2 ** -23) },
      ],
    });
    expect(divergenceSentences(found)).toBe(
      "The runs part at step 3 (epoch 2): they differ first in the weights of b, as of step 4, the next with digests of tensors. In the checkpoint, after 6 steps, 1 tensor differs by at most 1 ulp, a relative error of 1.19e-7.",
    );
    expect(divergenceLines(found).map(([name]) => name)).toEqual([
      "first divergence",
      "differs in",
      "largest distance",
      "measured in",
    ]);
  });

  it("is measured in the first weights that can show it", () => {
    const point = (stored: "checkpoint" | "finalWeights", step: number, epoch: number) => ({
      stored,
      step,
      epoch,
    });
    const step = { kind: "step", position: 2 } as const;
    expect(isAfter(step, point("checkpoint", 2, 0))).toBe(false);
    expect(isAfter(step, point("checkpoint", 3, 1))).toBe(true);
    expect(isAfter({ kind: "epoch", position: 2 }, point("checkpoint", 5, 1))).toBe(false);
    expect(isAfter({ kind: "finalWeights", position: 0 }, point("checkpoint", 5, 1))).toBe(false);
    expect(isAfter({ kind: "initialWeights", position: 0 }, point("checkpoint", 1, 0))).toBe(true);
  });
});
