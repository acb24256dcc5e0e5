import { varianceAnalysis as schema } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { exampleInput } from "../../test-support/example-study.js";
import { gridInput } from "../../test-support/grid-study.js";
import { inputOf } from "../../test-support/runs-fixture.js";
import { specOf } from "../../test-support/spec-fixture.js";
import { configurationsAnalysis } from "../tests/configurations.js";
import { varianceAnalysis } from "./variance.js";

// Expected numbers: NumPy, SciPy 1.17 and statsmodels 0.14.
describe("varianceAnalysis", () => {
  const analysis = schema.parse(varianceAnalysis(gridInput()));
  const row = (arm: string, source: string) =>
    analysis.rows.find(
      (entry) =>
        entry.configurationLabel === "adam · lr 0.01" && entry.arm === arm && entry.source === source,
    );

  it("gives the SD when only one thing varies, with its interval", () => {
    expect(row("free", "repeat")).toMatchObject({
      sd: expect.closeTo(0.0016833614684117356, 12),
      // Four disjoint pairs, one per seed: too few for an interval.
      typicalInterval: { low: null, high: null },
      df: 8,
    });
    expect(row("free", "repeat")?.varies).toContain("order of reduction");
    expect(row("det", "seed")).toMatchObject({
      sd: expect.closeTo(0.004724837730899679, 12),
      runs: 4,
    });
    expect(row("det", "repeat")).toMatchObject({ sd: 0, varies: "nothing", typicalInterval: { low: null } });
  });

  it("shares the variance of free runs out between seed and repeat", () => {
    expect(analysis.components).toHaveLength(1);
    expect(analysis.components[0]).toMatchObject({
      arm: "free",
      configurations: 4,
      seeds: 4,
      repeats: 3,
      sdRepeat: expect.closeTo(0.0017054986746305814, 12),
      sdSeed: expect.closeTo(0.004235569894205952, 12),
      seedShare: expect.closeTo(0.8604845942964694, 9),
      truncated: false,
      configurationF: expect.closeTo(86.2737909966996, 6),
      configurationP: expect.closeTo(2.17688557099694e-8, 15),
    });
    expect(analysis.verdicts.map(({ sentence }) => sentence).join(" ")).toMatch(
      /seed in the variance of a single run is about 86 % \[\d+, \d+ %\]\./,
    );
  });

  it("asks whether seeds rank configurations alike", () => {
    expect(analysis.ranking).toMatchObject({
      arm: "free",
      w: 1,
      friedman: expect.closeTo(12, 12),
      p: expect.closeTo(0.007383160505359769, 12),
      meanTau: 1,
      minTau: 1,
    });
  });

  it("says how many more seeds the margin needs", () => {
    // The same range as the comparison of configurations gives, by the limits of the SD of the differences.
    const { comparisons } = configurationsAnalysis(gridInput());
    expect(comparisons.length).toBeGreaterThan(0);
    for (const [index, { moreNeeded, moreNeededAtLeast }] of comparisons.entries())
      expect(analysis.needed[index]).toMatchObject({
        unit: "seeds",
        present: 4,
        more: moreNeeded,
        moreAtLeast: moreNeededAtLeast,
      });
  });

  it("says when the estimate between seeds was negative", () => {
    const alternating = inputOf(gridInput().sweep.spec, ({ repeat, arm }) => ({
      metrics: { testAccuracy: arm === "det" ? 0.9 : ([0.9, 0.92, 0.913, 0.925][repeat] ?? 0) },
      digest: "same",
    }));
    const { rows, components, verdicts } = schema.parse(varianceAnalysis(alternating));
    expect(components[0]).toMatchObject({
      arm: "free",
      sdSeed: null,
      reason: expect.stringContaining("distinct"),
    });
    expect(rows.find(({ arm, source }) => arm === "free" && source === "repeat")?.reason).toBe(
      "Only 3 distinct values of test accuracy among 12 repeats. A typical difference would mean little.",
    );
    const noisy = inputOf(gridInput().sweep.spec, ({ repeat, position }) => ({
      metrics: { testAccuracy: 0.9 + 0.02 * repeat + 1e-5 * Math.sin(position) },
    }));
    const negative = varianceAnalysis(noisy);
    expect(negative.components[0]).toMatchObject({ truncated: true, sdSeed: 0 });
    expect(negative.verdicts.map(({ sentence }) => sentence).join(" ")).toContain(
      "negative and is shown as 0",
    );
    expect(verdicts.every(({ sentence }) => !sentence.includes("NaN"))).toBe(true);
  });

  it("names the noise source that varies between deterministic repeats", () => {
    const spec = specOf({
      search: { method: "list", configurations: [{ optimizer: "adam" }] },
      modes: { deterministic: { repeats: 5 } },
      noise: { dataOrder: "varied" },
    });
    const { rows } = varianceAnalysis(
      inputOf(spec, ({ repeat, seed }) => ({ metrics: { testLoss: 0.1 + repeat / 100 + seed / 1000 } })),
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ source: "repeat", varies: "order of the data", df: 8 });
  });

  it("calls the spread of a placebo arm by what it is: orders of summation", () => {
    const execution = { algorithms: "deterministic", autotune: false, tf32: false } as const;
    const spec = specOf({
      search: { method: "list", configurations: [{ optimizer: "adam" }] },
      modes: undefined,
      arms: [
        { name: "det", execution: { order: "fixed", ...execution }, repeats: 1 },
        { name: "placebo", execution: { order: "permuted", ...execution }, repeats: 4 },
      ],
    });
    const { rows } = varianceAnalysis(
      inputOf(spec, ({ repeat, seed, arm, key }) => ({
        metrics: { testLoss: 0.1 + (arm === "det" ? 0 : (repeat + 1) / 100) + seed / 1000 },
        digest: key,
      })),
    );
    expect(rows.map(({ arm, source, varies }) => [arm, source, varies])).toEqual([
      ["det", "seed", "the seed"],
      ["placebo", "repeat", "the fixed order of summation"],
    ]);
  });

  it("gives components of an unbalanced design by restricted likelihood, close to those of the whole one", () => {
    const input = gridInput();
    const whole = varianceAnalysis(input).components[0];
    const { components, verdicts } = schema.parse(
      varianceAnalysis({
        ...input,
        runs: input.runs.filter(({ key }) => key !== input.runs.find(({ arm }) => arm === "free")?.key),
      }),
    );
    expect(components[0]).toMatchObject({ method: "reml", runs: 47, configurationP: null, reason: null });
    expect(Number(components[0]?.sdSeed) / Number(whole?.sdSeed)).toBeCloseTo(1, 1);
    expect(Number(components[0]?.sdRepeat) / Number(whole?.sdRepeat)).toBeCloseTo(1, 1);
    expect(verdicts.flatMap(({ basis }) => basis).join(" ")).toContain("restricted maximum likelihood");
  });

  it("gives no components of constant repeats", () => {
    const constant = varianceAnalysis(exampleInput()).rows.find(
      ({ configurationLabel, arm, source }) =>
        configurationLabel === "sgd" && arm === "free" && source === "repeat",
    );
    expect(constant?.sd).not.toBeNull();
  });
});
