import { describe, expect, it } from "vitest";
import { armColors, armDashes } from "./arm-marks.js";

type Matrix = readonly (readonly [number, number, number])[];

/** Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB. */
const blindness = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
} satisfies Record<string, Matrix>;

const linear = (hex: string): number[] =>
  [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });

const through = (matrix: Matrix, rgb: readonly number[]) =>
  matrix.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, weight, at) => sum + weight * (rgb[at] ?? 0), 0),
      ),
    ),
  );

/** CIE L*a*b* under D65. */
function lab(rgb: readonly number[]): number[] {
  const xyz = through2(
    [
      [0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047],
      [0.2126729, 0.7151522, 0.072175],
      [0.0193339 / 1.08883, 0.119192 / 1.08883, 0.9503041 / 1.08883],
    ],
    rgb,
  );
  const [x = 0, y = 0, z = 0] = xyz.map((t) =>
    t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 / 116) * t + 16 / 116,
  );
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
const through2 = (matrix: Matrix, rgb: readonly number[]) =>
  matrix.map((row) => row.reduce((sum, weight, at) => sum + weight * (rgb[at] ?? 0), 0));

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((value, at) => value - (b[at] ?? 0)));

const pairs = [
  ["deterministic", "free"],
  ["deterministic", "placebo"],
  ["free", "placebo"],
] as const;

describe("the arms' colours", () => {
  // 2.3 is a just noticeable difference; marks of a few pixels need several of them.
  it.each(Object.entries(blindness))("are told apart with %s", (_, matrix) => {
    for (const [one, other] of pairs) {
      const seen = [one, other].map((arm) => lab(through(matrix, linear(armColors[arm]))));
      expect(distance(seen[0] ?? [], seen[1] ?? []), `${one} and ${other}`).toBeGreaterThan(20);
    }
  });

  it("need no colour: each line is dashed in a way of its own", () => {
    expect(new Set(Object.values(armDashes)).size).toBe(3);
  });
});
