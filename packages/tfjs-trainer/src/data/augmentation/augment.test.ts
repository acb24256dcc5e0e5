import { describe, expect, test } from "vitest";
import { draws, streamKey } from "../../arithmetic/streams.js";
import { createInputReader, type InputPlan } from "../../loop/inputs.js";
import { allocateImages, imageAt } from "../datasets/image-blocks.js";
import { type AugmentationOptions, augments, createAugmenter } from "./augment.js";
import { jitterColours } from "./colour-jitter.js";
import { cropInto, drawCrop } from "./crop.js";

const none: AugmentationOptions = { cropScale: null, cropPadding: 0, flip: "none", colorJitter: 0 };
const all: AugmentationOptions = { cropScale: [0.5, 1], cropPadding: 0, flip: "both", colorJitter: 0.3 };
const size = 6 * 8 * 3;
const images = allocateImages(5, size, 2 * size);
for (let id = 0; id < 5; id++)
  imageAt(images, id).set(Uint8Array.from({ length: size }, (_, i) => (i * 89 + id * 31) % 256));

function planOf(hyper: AugmentationOptions, seed = 0, repeat: number | null = null): InputPlan {
  return {
    hyper,
    inputShape: [6, 8, 3],
    scaling: { mean: [100, 110, 120], deviation: [50, 60, 70] },
    white: 255,
    keys: { augmentation: streamKey(seed, "augmentation", repeat) },
  };
}
function inputOf(plan: InputPlan, id: number, epoch: number): number[] {
  const target = new Float32Array(size);
  createInputReader(plan, images).training(id, epoch, target);
  return [...target];
}

describe("an augmented image", () => {
  test("is a function of seed, epoch and case: what was drawn before, and by which reader, changes nothing", () => {
    const one = createInputReader(planOf(all), images);
    const forwards = [0, 1, 2, 3, 4].map((id) => {
      const target = new Float32Array(size);
      one.training(id, 7, target);
      return [...target];
    });
    const backwards = [4, 3, 2, 1, 0].map((id) => inputOf(planOf(all), id, 7)).reverse();
    expect(backwards).toEqual(forwards);
    const [base] = forwards;
    expect(inputOf(planOf(all), 0, 8)).not.toEqual(base);
    expect(inputOf(planOf(all, 1), 0, 7)).not.toEqual(base);
    // A varied source draws from hash(seed, source, repeat).
    expect(inputOf(planOf(all, 0, 0), 0, 7)).not.toEqual(base);
  });

  test("is the image itself where nothing is asked for, and in evaluation", () => {
    expect([augments(none), augments(all)]).toEqual([false, true]);
    const evaluated = new Float32Array(size);
    createInputReader(planOf(all), images).evaluation(2, evaluated);
    expect(inputOf(planOf(none), 2, 7)).toEqual([...evaluated]);
    for (const [i, byte] of imageAt(images, 2).entries())
      expect(evaluated[i]).toBeCloseTo((byte - (100 + 10 * (i % 3))) / (50 + 10 * (i % 3)), 6);
  });
});

describe("flip", () => {
  const flipped = (flip: "horizontal" | "both") => {
    const seen = new Map<string, number>();
    const grid = Uint8Array.of(1, 2, 3, 4);
    const augment = createAugmenter(
      { ...none, flip },
      { frame: { height: 2, width: 2, channels: 1 }, white: 255 },
    );
    for (let id = 0; id < 400; id++) {
      const target = new Float32Array(4);
      augment(grid, target, draws(streamKey(0, "augmentation", null), 0, id));
      seen.set(target.join(""), (seen.get(target.join("")) ?? 0) + 1);
    }
    return seen;
  };

  test("mirrors every second image, left and right or both ways", () => {
    expect([...flipped("horizontal").keys()].sort()).toEqual(["1234", "2143"]);
    const both = flipped("both");
    expect([...both.keys()].sort()).toEqual(["1234", "2143", "3412", "4321"]);
    // 400 draws of probability 1/4: standard deviation 8.7; the seed is fixed.
    for (const count of both.values()) expect(Math.abs(count - 100)).toBeLessThan(30);
  });
});

describe("crop", () => {
  test("areas and ratios are those of RandomResizedCrop, and every rectangle lies inside", () => {
    const square = { height: 64, width: 64, channels: 1 };
    const crops = Array.from({ length: 2000 }, (_, id) =>
      drawCrop(square, [0.4, 1], draws(streamKey(0, "augmentation", null), 0, id)),
    );
    for (const { top, left, height, width } of crops) {
      expect(top >= 0 && left >= 0 && top + height <= 64 && left + width <= 64).toBe(true);
      // Half a pixel of rounding at each side.
      expect((height + 0.5) * (width + 0.5)).toBeGreaterThan(0.4 * 4096);
      expect(Math.max(width / height, height / width)).toBeLessThan(4 / 3 + 0.05);
    }
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    expect(Math.abs(mean(crops.map(({ height, width }) => Math.log(width / height))))).toBeLessThan(0.02);
    expect(new Set(crops.map(({ top }) => top)).size).toBeGreaterThan(20);
  });

  test("enlarges by bilinear interpolation between pixel centres", () => {
    // torch.nn.functional.interpolate([[0, 30], [60, 90]], size 4, bilinear, align_corners False), rows 0 and 1.
    const target = new Float32Array(16);
    const crop = { top: 0, left: 0, height: 2, width: 2 };
    const image = new Uint8Array(16);
    image.set([0, 30, 9, 9, 60, 90]);
    cropInto(image, target, {
      frame: { height: 4, width: 4, channels: 1 },
      crop,
      mirrored: false,
      upsideDown: false,
    });
    expect([...target.subarray(0, 8)]).toEqual([0, 7.5, 22.5, 30, 15, 22.5, 37.5, 45]);
  });

  test("padding moves the image in whole pixels and lets black come in", () => {
    const augment = createAugmenter(
      { ...none, cropPadding: 1 },
      { frame: { height: 2, width: 2, channels: 1 }, white: 255 },
    );
    const seen = new Set<string>();
    for (let id = 0; id < 200; id++) {
      const target = new Float32Array(4);
      augment(Uint8Array.of(1, 2, 3, 4), target, draws(streamKey(0, "augmentation", null), 0, id));
      seen.add(target.join(""));
    }
    const moved = ["1234", "0012", "3400", "0103", "2040", "0001", "0020", "0300", "4000"];
    expect([...seen].sort()).toEqual(moved.sort());
  });
});

test("colours keep their range; brightness, contrast and saturation follow torchvision's definitions", () => {
  // Uniform draws that make the factors 2, 0.5 and 0.
  const uniforms = [1, 0.25, 0];
  const stream = { word: () => 0, below: () => 0, uniform: () => uniforms.shift() ?? 0.5 };
  const image = Float32Array.of(100, 200, 50, 0, 40, 80);
  jitterColours(image, { channels: 3, strength: 1, white: 255 }, stream);
  // Brightness 2: 200 255 100, 0 80 160. Grey 220.885 and 65.2; mean 143.0425; contrast 0.5. Saturation 0: grey of it.
  const grey = [(220.885 + 143.0425) / 2, (65.2 + 143.0425) / 2];
  for (const [i, value] of image.entries()) expect(value).toBeCloseTo(grey[Math.floor(i / 3)] ?? 0, 3);
});
