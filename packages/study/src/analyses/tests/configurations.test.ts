import { configurationsAnalysis as schema } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { gridInput } from "../../test-support/grid-study.js";
import { inputOf } from "../../test-support/runs-fixture.js";
import { specOf } from "../../test-support/spec-fixture.js";
import { configurationsAnalysis } from "./configurations.js";

/** One deterministic run per rate and seed, with the accuracy that is given. */
function ratesStudy(accuracies: Record<string, number[]>, contrasts: ("mode" | "configuration")[]) {
  const spec = specOf({
    search: {
      method: "list",
      configurations: Object.keys(accuracies).map((rate) => ({ learningRate: Number(rate) })),
    },
    seeds: (Object.values(accuracies)[0] ?? []).map((_, seed) => seed),
    modes: { deterministic: { repeats: 1 } },
    analysisPlan: { primaryMetric: "testAccuracy", contrasts, margin: { testAccuracy: 0.02 } },
  });
  return inputOf(spec, ({ params, seed, key }) => ({
    metrics: { testAccuracy: accuracies[String(params.learningRate)]?.[seed] ?? Number.NaN },
    digest: key,
  }));
}

describe("configurationsAnalysis", () => {
  it("compares every configuration with the first on seed means of the most numerous arm, Holm over all", () => {
    const { comparisons, baseline, arm, alpha, provenance, verdicts } = schema.parse(
      configurationsAnalysis(gridInput()),
    );
    expect({ baseline, arm, alpha }).toEqual({ baseline: "adam · lr 0.01", arm: "free", alpha: 0.05 });
    expect(comparisons.map(({ a }) => a)).toEqual(["sgd · lr 0.01", "adam · lr 0.1", "sgd · lr 0.1"]);
    expect(comparisons[0]).toMatchObject({
      b: baseline,
      design: "paired-by-seed",
      n: [4, 4],
      test: "paired-t",
      planned: true,
    });
    const smallest = Math.min(...comparisons.map(({ p }) => Number(p)));
    expect(comparisons.find(({ p }) => p === smallest)?.adjustedP).toBeCloseTo(3 * smallest, 12);
    expect(provenance).toMatchObject({
      planned: true,
      correction: expect.stringContaining("Holm over 3 tests"),
    });
    expect(verdicts).toHaveLength(3);
  });

  it("agrees with an independent paired t-test and two one-sided tests", () => {
    // SciPy 1.17: ttest_rel([.60, .66, .64, .70], [.50, .52, .55, .53]), its interval, and TOST within 0.02.
    const { comparisons } = schema.parse(
      configurationsAnalysis(
        ratesStudy({ "0.1": [0.5, 0.52, 0.55, 0.53], "0.01": [0.6, 0.66, 0.64, 0.7] }, ["configuration"]),
      ),
    );
    expect(comparisons[0]).toMatchObject({
      difference: expect.closeTo(0.125, 12),
      statistic: expect.closeTo(6.762522260005743, 9),
      df: 3,
      p: expect.closeTo(0.006606499011989834, 12),
      interval: { low: expect.closeTo(0.06617493845260544, 9), high: expect.closeTo(0.1838250615473945, 9) },
      equivalence: { margin: 0.02, p: expect.closeTo(0.9945945888641656, 12), shown: false },
      rejected: true,
    });
  });

  it("makes no test of placebos that never differ, and says so", () => {
    const { comparisons, verdicts } = schema.parse(
      configurationsAnalysis(ratesStudy({ "0.1": [0.5, 0.52], "0.01": [0.5, 0.52] }, ["configuration"])),
    );
    expect(comparisons[0]).toMatchObject({ p: null, rejected: null });
    expect(verdicts[0]?.sentence).toContain("exactly the same test accuracy in every pair");
  });

  it("claims nothing from one run per configuration", () => {
    const { verdicts, comparisons } = schema.parse(
      configurationsAnalysis(ratesStudy({ "0.1": [0.5], "0.01": [0.9], "0.001": [0.2] }, ["configuration"])),
    );
    expect(comparisons.every(({ p }) => p === null)).toBe(true);
    expect(verdicts.map(({ kind }) => kind)).toEqual(["single-run"]);
  });

  it("sums up a family of many in one sentence, with each difference after it", () => {
    // Wobbles add up to nothing over the seeds, so that only the shift of the fifth is there to be found.
    const wobble = [0.004, -0.006, 0.005, -0.003];
    const rates = Object.fromEntries(
      Array.from({ length: 9 }, (_, i) => [
        String(0.001 * (i + 1)),
        [0.5, 0.52, 0.55, 0.53].map(
          (value, seed) => value + (i === 4 ? 0.2 : 0) + (1 + i / 10) * (wobble[(seed + i) % 4] ?? 0),
        ),
      ]),
    );
    const { verdicts } = schema.parse(configurationsAnalysis(ratesStudy(rates, ["mode"])));
    expect(verdicts[0]?.sentence).toMatch(
      /^Chosen after seeing results: 8 configurations against .*: 1 configuration differs in mean test accuracy/,
    );
    expect(verdicts).toHaveLength(2);
    expect(verdicts[1]?.kind).toBe("pooled-shift");
  });

  it("is provisional while runs are missing, and empty with one configuration", () => {
    const input = gridInput();
    const runs = input.runs.map((run) => (run.position === 0 ? { ...run, status: "running" as const } : run));
    const { verdicts } = schema.parse(configurationsAnalysis({ ...input, runs }));
    expect(verdicts[0]?.kind).toBe("pending");
    expect(verdicts.slice(1).every(({ sentence }) => sentence.startsWith("So far: "))).toBe(true);
    // A name that is a word of ours, too, keeps its capital.
    const named = runs.map((run) => ({ ...run, configurationLabel: `Free ${run.configurationLabel}` }));
    const later = configurationsAnalysis({ ...input, runs: named }).verdicts.slice(1);
    expect(later.every(({ sentence }) => sentence.startsWith("So far: Free "))).toBe(true);
    const single = schema.parse(configurationsAnalysis(ratesStudy({ "0.1": [0.5, 0.6] }, ["configuration"])));
    expect(single).toMatchObject({ comparisons: [], verdicts: [], table: { rows: [] } });
  });
});
