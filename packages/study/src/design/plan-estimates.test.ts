import { type FormerRun, sweepSpec } from "@reprise/contracts";
import {
  minimumDetectablePairedEffect,
  minimumDetectablePooledShift,
  minimumDetectableSeedRatio,
  minimumDetectableShift,
} from "@reprise/statistics";
import { describe, expect, it } from "vitest";
import { configurationsOf } from "./expand-sweep.js";
import { planCost, planPower } from "./plan-estimates.js";

const spec = sweepSpec.parse({
  name: "planned",
  dataset: "wdbc",
  base: { model: "mlp", epochs: 20 },
  search: { method: "grid", parameters: { optimizer: ["adam", "sgd"] } },
  seeds: [0, 42],
  modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 5 } },
  analysisPlan: { primaryMetric: "testAccuracy" },
});
const configurations = configurationsOf(spec);

const run = (changes: Partial<FormerRun> = {}): FormerRun => ({
  sweepId: "s",
  configurationKey: "another",
  model: "mlp",
  epochs: 10,
  seed: "0",
  arm: "free",
  free: true,
  durationMs: 1000,
  energy: { kWh: 0.001, gCO2e: 0.5, method: "model", factors: {} },
  value: 0.9,
  ...changes,
});
/** Two repeats of one seed, 2 pp apart: an SD of 1.414 pp. */
const pair = (changes: Partial<FormerRun> = {}) => [
  run({ ...changes, value: 0.9 }),
  run({ ...changes, value: 0.92 }),
];

describe("cost of a plan", () => {
  it("is unknown where nothing like it has run", () => {
    const nothing = { formerRuns: 0, likeness: null, trainingMs: null, kWh: null, gCO2e: null };
    expect(planCost(spec, configurations, [])).toEqual(nothing);
    expect(planCost(spec, configurations, [run({ model: "cnn" })])).toEqual(nothing);
  });

  it("follows the same model in proportion to its epochs", () => {
    // 28 runs of 20 epochs, where 10 epochs took a second.
    const cost = planCost(spec, configurations, [run(), run({ durationMs: 3000 }), run()]);
    expect(cost).toMatchObject({ formerRuns: 3, likeness: "model", trainingMs: 28 * 2000 });
    expect(cost.kWh).toBeCloseTo(28 * 0.002, 12);
  });

  it("prefers the very configuration, and says so only if every one has run", () => {
    const [first, second] = configurations;
    const own = (key: string | undefined, durationMs: number) =>
      run({ configurationKey: key ?? "", epochs: 20, durationMs });
    const both = planCost(spec, configurations, [own(first?.key, 500), own(second?.key, 700), run()]);
    expect(both).toMatchObject({ formerRuns: 2, likeness: "configuration", trainingMs: 14 * 500 + 14 * 700 });
    expect(planCost(spec, configurations, [own(first?.key, 500), run()]).likeness).toBe("model");
  });

  it("names no sum that lacks a part", () => {
    const cost = planCost(spec, configurations, [run({ energy: null })]);
    expect(cost).toMatchObject({ trainingMs: 28 * 2000, kWh: null, gCO2e: null });
  });
});

describe("what a plan could show", () => {
  it("is told in standard deviations without former runs", () => {
    const [single, pooled] = planPower(spec, configurations, []);
    expect(single).toMatchObject({ arm: "free", repeats: 5, seeds: 1, sd: null, shift: null, sdRuns: 0 });
    expect(single?.shiftInSd).toBeCloseTo(minimumDetectableShift(5), 10);
    expect(pooled).toMatchObject({ seeds: 2, shift: null });
    expect(pooled?.shiftInSd).toBeCloseTo(minimumDetectablePooledShift(2, 5), 10);
  });

  it("is told in the metric's unit with the spread of free repeats, within seeds", () => {
    // The seeds lie far apart, which is no execution noise.
    const former = [
      ...pair(),
      ...pair({ seed: "42" }).map((each) => ({ ...each, value: (each.value ?? 0) - 0.3 })),
    ];
    const [single] = planPower(spec, configurations, former);
    expect(single).toMatchObject({ sdRuns: 4, sdLikeness: "model" });
    expect(single?.sd).toBeCloseTo(Math.SQRT2 / 100, 10);
    expect(single?.shift).toBeCloseTo(minimumDetectableShift(5) * (Math.SQRT2 / 100), 10);
  });

  it("takes the spread of its own configurations where they have run", () => {
    const former = [...pair(), run({ configurationKey: configurations[0]?.key ?? "", value: 0.5 })];
    former.push(run({ configurationKey: configurations[0]?.key ?? "", value: 0.5 }));
    expect(planPower(spec, configurations, former)[0]).toMatchObject({ sd: 0, sdLikeness: "configuration" });
  });

  const planned = (changes: object) => sweepSpec.parse({ ...spec, ...changes });
  const compared = planned({
    seeds: [0, 1, 2, 3],
    modes: { deterministic: { repeats: 1 } },
    analysisPlan: { primaryMetric: "testAccuracy", contrasts: ["configuration"] },
  });

  it("is of differences over seeds where configurations are compared", () => {
    const [a = "", b = ""] = configurations.map(({ key }) => key);
    // Differences of 1, 2 and 3 pp at three seeds: an SD of 1 pp.
    const former = [1, 2, 3].flatMap((difference, seed) => [
      run({ configurationKey: a, seed: String(seed), value: 0.9 + difference / 100 }),
      run({ configurationKey: b, seed: String(seed), value: 0.9 }),
    ]);
    const [found, ...others] = planPower(compared, configurations, former);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ contrast: "configuration", seeds: 4, sdLikeness: "configuration" });
    expect(found?.shiftInSd).toBeCloseTo(minimumDetectablePairedEffect(4), 10);
    expect(found?.sd).toBeCloseTo(0.01, 10);
    expect(found?.shift).toBeCloseTo(0.01 * minimumDetectablePairedEffect(4), 10);
    expect(planPower(compared, configurations.slice(0, 1), former)).toEqual([]);
    expect(planPower(compared, configurations, [])[0]).toMatchObject({ sd: null, shift: null });
  });

  it("says from which size on seeds are told from execution, with three seeds and repeats of each", () => {
    const both = planned({ seeds: [0, 1, 2, 3, 4], modes: { nondeterministic: { repeats: 3 } } });
    expect(planPower(both, configurations, [])).toMatchObject([
      { contrast: "seed", arm: "free", seeds: 5, shiftInSd: minimumDetectableSeedRatio(5, 3) },
    ]);
  });

  it("is silent without a deterministic reference, a free arm or a plan for it", () => {
    const without = (changes: object) => sweepSpec.parse({ ...spec, ...changes });
    expect(planPower(without({ modes: { nondeterministic: { repeats: 5 } } }), configurations, [])).toEqual(
      [],
    );
    expect(planPower(without({ modes: { deterministic: { repeats: 5 } } }), configurations, [])).toEqual([]);
    expect(planPower(without({ analysisPlan: undefined }), configurations, [])).toEqual([]);
  });
});
