import { describe, expect, it } from "vitest";
import { createRandom } from "../numerics/random.js";
import { varianceComponentsReml } from "./reml.js";
import { varianceComponentsNested } from "./variance-components.js";

describe("varianceComponentsReml", () => {
  it("gives what a direct search over the full likelihood gives (NumPy 2.4, SciPy 1.17; statsmodels agrees to 4 digits)", () => {
    const y = [
      [
        [0.912, 0.915, 0.909, 0.918],
        [0.931, 0.934],
        [0.902, 0.905, 0.899],
        [0.921, 0.926, 0.924, 0.919, 0.922],
      ],
      [
        [0.941, 0.947],
        [0.952, 0.949, 0.955],
        [0.933, 0.936, 0.931, 0.935],
      ],
    ];
    const { varSeed, varRepeat, sdSeedInterval, sdRepeatInterval, icc } = varianceComponentsReml(y);
    expect(varSeed / 0.00013079821017921057).toBeCloseTo(1, 6);
    expect(varRepeat / 9.22222131774222e-6).toBeCloseTo(1, 6);
    expect(icc).toBeCloseTo(0.934137, 5);
    expect(sdSeedInterval).toEqual([
      expect.closeTo(0.006671487123489225, 8),
      expect.closeTo(0.025174994498935014, 8),
    ]);
    expect(sdRepeatInterval).toEqual([
      expect.closeTo(0.0022254667767969563, 8),
      expect.closeTo(0.004494177903099314, 8),
    ]);
  });

  it("equals the analysis of variance of a balanced design where that is not negative", () => {
    const random = createRandom(5, 0);
    const y = Array.from({ length: 3 }, (_, c) =>
      Array.from({ length: 4 }, () => {
        const seed = c + 2 * random.normal();
        return Array.from({ length: 5 }, () => seed + random.normal());
      }),
    );
    const anova = varianceComponentsNested(y);
    const reml = varianceComponentsReml(y);
    expect(reml.varSeed).toBeCloseTo(anova.varSeed, 6);
    expect(reml.varRepeat).toBeCloseTo(anova.varRepeat, 6);
  });

  it("is 0 between seeds, with an upper bound, where repeats vary more than seeds do", () => {
    const result = varianceComponentsReml([
      [
        [1, 3, 2],
        [2.1, 1.9],
        [3.05, 0.9, 2.2, 2],
      ],
    ]);
    expect(result).toMatchObject({ varSeed: 0, truncated: true, varRepeat: expect.closeTo(0.54625, 9) });
    expect(result.sdSeedInterval[0]).toBe(0);
    expect(result.sdSeedInterval[1]).toBeGreaterThan(0.3);
  });

  it("does not change with the origin, and scales with the unit", () => {
    const y = [
      [
        [1, 1.2, 0.9],
        [2, 2.3],
        [1.4, 1.1, 1.6, 1.5],
      ],
    ];
    const moved = y.map((seeds) => seeds.map((repeats) => repeats.map((value) => 100 * value - 7)));
    const [a, b] = [varianceComponentsReml(y), varianceComponentsReml(moved)];
    expect(b.varSeed / a.varSeed).toBeCloseTo(1e4, 1);
    expect(b.sdRepeatInterval[1] / a.sdRepeatInterval[1]).toBeCloseTo(100, 4);
  });

  it("says what is missing", () => {
    expect(varianceComponentsReml([[[1, 2]], [[3, 4]]]).reason).toContain("no configuration has two seeds");
    expect(varianceComponentsReml([[[1], [2], [3]]]).reason).toContain("no seed has two repeats");
    expect(
      varianceComponentsReml([
        [
          [1, 1],
          [2, 2],
        ],
      ]).reason,
    ).toContain("all equal");
    expect(
      varianceComponentsReml([
        [
          [1, Number.NaN],
          [2, 3],
        ],
      ]),
    ).toMatchObject({ varSeed: Number.NaN });
    expect(() => varianceComponentsReml([[[1, 2], []]])).toThrow(/has no values/);
  });
});
