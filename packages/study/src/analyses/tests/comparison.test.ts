import { type ComparisonRequest, comparisonAnswer, comparisonRequest, type Run } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { gridInput } from "../../test-support/grid-study.js";
import { compareRuns } from "./comparison.js";

const input = gridInput();
type Filter = (run: Run) => boolean;

function compare(
  groups: Record<string, Filter>,
  more: Partial<ComparisonRequest> = {},
  runs: readonly Run[] = input.runs,
) {
  const request = comparisonRequest.parse({
    sweepId: input.sweep.id,
    metrics: ["testAccuracy"],
    groups: Object.keys(groups).map((name) => ({ name })),
    ...more,
  });
  return comparisonAnswer.parse(
    compareRuns({
      request,
      groups: Object.entries(groups).map(([name, filter]) => ({
        name,
        sweep: input.sweep,
        filter: "",
        selectsByMetric: name.startsWith("selected"),
        runs: runs.filter(filter),
      })),
      software: "Reprise test",
    }),
  );
}
const free =
  (optimizer: string): Filter =>
  ({ params, arm }) =>
    arm === "free" && params.optimizer === optimizer;
const det: Filter = ({ params, arm }) => arm === "det" && params.optimizer === "adam";

// Expected numbers: SciPy 1.17 and statsmodels 0.14 on seed means.
describe("compareRuns", () => {
  it("pairs on seed and counts one observation per seed, however many runs there are", () => {
    const { comparisons, summaries } = compare({ sgd: free("sgd"), adam: free("adam") });
    expect(summaries[0]).toMatchObject({ group: "sgd", runs: 24, configurations: 2, units: 4 });
    expect(comparisons).toHaveLength(1);
    expect(comparisons[0]).toMatchObject({
      design: "paired-by-seed",
      n: [4, 4],
      test: "paired-t",
      statistic: expect.closeTo(9.992420771734496, 8),
      df: 3,
      p: expect.closeTo(0.002133132554215825, 12),
      interval: {
        low: expect.closeTo(0.022336933109100655, 10),
        high: expect.closeTo(0.043213983557565915, 10),
      },
      rankTest: { name: "wilcoxon", statistic: 0, p: 0.125 },
      hedgesG: expect.closeTo(8.63386568447725, 8),
      rejected: true,
      planned: true,
      verdict: { kind: "pooled-shift" },
    });
  });

  it("names the arms of every group, and the arm that the study's analyses take where groups mix them", () => {
    const alone = compare({ sgd: free("sgd"), adam: free("adam") });
    expect(alone.groups.map(({ arms }) => arms)).toEqual([["free"], ["free"]]);
    expect(alone.notes.join(" ")).not.toMatch(/mix/);
    const of =
      (optimizer: string): Filter =>
      ({ params }) =>
        params.optimizer === optimizer;
    const { groups, notes } = compare({ sgd: of("sgd"), adam: of("adam") });
    expect(groups[0]?.arms).toEqual(["det", "free"]);
    expect(notes.join(" ")).toMatch(/^.*Groups sgd and adam mix runs of arms .* take arm free alone/);
  });

  it("uses Welch on seed means where pairs are not wanted", () => {
    const [result] = compare({ sgd: free("sgd"), adam: free("adam") }, { pairing: "never" }).comparisons;
    expect(result).toMatchObject({
      design: "independent-seed-means",
      test: "welch-t",
      statistic: expect.closeTo(14.05682109219446, 8),
      df: expect.closeTo(5.962709181154617, 8),
      p: expect.closeTo(8.506971511777716e-6, 14),
      rankTest: { name: "mann-whitney", p: expect.closeTo(0.02857142857142857, 12) },
      planned: false,
    });
    expect(result?.verdict.sentence).toMatch(/^Chosen after seeing results: sgd against adam: /);
    const [named] = compare({ A: free("sgd"), B: free("adam") }, { pairing: "never" }).comparisons;
    expect(named?.verdict.sentence).toMatch(/^Chosen after seeing results: A against B: /);
  });

  it("shows equivalence within the margin of the plan, and a difference within it as both", () => {
    const [result] = compare({ adam: free("adam"), fixed: det }).comparisons;
    expect(result).toMatchObject({
      rejected: true,
      equivalence: {
        margin: 0.01,
        p: expect.closeTo(2.0668989000546858e-7, 15),
        interval: {
          low: expect.closeTo(-0.0006792130922275017, 12),
          high: expect.closeTo(-0.0004247035744392028, 12),
        },
        shown: true,
      },
    });
    expect(result?.verdict.sentence).toContain(
      "It is statistically significant but smaller than the margin of ±1 pp, ",
    );
  });

  it("corrects over all pairs and metrics of the request by Holm", () => {
    const { comparisons, family, correction } = compare(
      { sgd: free("sgd"), adam: free("adam"), fixed: det },
      { metrics: ["testAccuracy", "validationAccuracy"] },
    );
    expect(family).toBe(6);
    expect(correction).toContain("Holm over 6 tests");
    const smallest = Math.min(...comparisons.map(({ p }) => Number(p)));
    const first = comparisons.find(({ p }) => p === smallest);
    expect(first?.adjustedP).toBeCloseTo(6 * smallest, 12);
    expect(
      comparisons.filter(({ metric }) => metric === "validationAccuracy").every((row) => !row.planned),
    ).toBe(true);
  });

  it("compares all with a baseline when one is named", () => {
    const { comparisons } = compare(
      { sgd: free("sgd"), adam: free("adam"), fixed: det },
      { baseline: "fixed" },
    );
    expect(comparisons.map(({ a, b }) => [a, b])).toEqual([
      ["sgd", "fixed"],
      ["adam", "fixed"],
    ]);
  });

  it("calls a group that was selected by results exploratory, and says what that does", () => {
    const { comparisons, notes } = compare({ "selected good": free("sgd"), adam: free("adam") });
    expect(comparisons[0]?.planned).toBe(false);
    expect(notes[0]).toContain("selected by results");
  });

  it("lists cells without a counterpart and leaves them out", () => {
    const [result] = compare({
      sgd: (run) => free("sgd")(run) && run.seed !== 42,
      adam: free("adam"),
    }).comparisons;
    expect(result?.n).toEqual([3, 3]);
    expect(result?.unpaired.toSorted()).toEqual(["adam · lr 0.01, seed 42", "adam · lr 0.1, seed 42"]);
  });

  it("compares repeats of one seed as runs, for that seed only, and never copies", () => {
    const one =
      (optimizer: string): Filter =>
      (run) =>
        free(optimizer)(run) && run.seed === 0 && run.params.learningRate === 0.1;
    const [result] = compare({ sgd: one("sgd"), adam: one("adam") }).comparisons;
    expect(result).toMatchObject({ design: "independent-runs-of-one-seed", n: [3, 3], test: "welch-t" });
    const copies: Filter = (run) => det(run) && run.seed === 0 && run.params.learningRate === 0.1;
    const [none] = compare({ adam: one("adam"), copies }).comparisons;
    expect(none).toMatchObject({ design: "none", n: [3, 1], p: null, adjustedP: null });
  });

  it("pairs on configuration when everything is one seed", () => {
    const [result] = compare({
      free: (run) => run.seed === 0 && run.arm === "free",
      fixed: (run) => run.seed === 0 && run.arm === "det",
    }).comparisons;
    expect(result).toMatchObject({ design: "paired-by-configuration", n: [4, 4] });
  });

  it.each<[string, Record<string, Filter>, RegExp]>([
    ["overlapping groups", { all: () => true, adam: free("adam") }, /in both groups/],
    ["an empty group", { none: () => false, adam: free("adam") }, /has no run/],
  ])("makes no test of %s", (_, groups, reason) => {
    const [result] = compare(groups).comparisons;
    expect(result?.reason).toMatch(reason);
    expect(result).toMatchObject({ p: null, adjustedP: null, rejected: null, equivalence: null });
    expect(result?.verdict.kind).toBe("degenerate");
  });

  it("makes no test of equal, constant-difference or diverged data", () => {
    const setting = (accuracyOf: (run: Run) => number) =>
      input.runs.map((run): Run => {
        const value = accuracyOf(run);
        const known = run.summary.testAccuracy;
        const shown = Number.isNaN(value) ? ("NaN" as const) : value;
        return known
          ? { ...run, summary: { testAccuracy: { ...known, selected: shown, last: shown } } }
          : run;
      });
    const groups = { sgd: free("sgd"), adam: free("adam") };
    const equal = compare(
      groups,
      {},
      setting(({ seed }) => 0.9 + seed / 1e5),
    ).comparisons[0];
    expect(equal?.reason).toContain("exactly the same");
    const shifted = compare(
      groups,
      {},
      setting(({ seed, params }) => 0.9 + seed / 1e5 + (params.optimizer === "sgd" ? 0.01 : 0)),
    ).comparisons[0];
    expect(shifted).toMatchObject({ p: null, difference: expect.closeTo(0.01, 9) });
    const diverged = compare(
      groups,
      {},
      setting(({ seed }) => (seed === 42 ? Number.NaN : 0.9)),
    ).comparisons[0];
    expect(diverged?.reason).toContain("no finite test accuracy");
    const all = input.runs.map(
      (run): Run => (free("adam")(run) ? { ...run, diverged: { key: "trainLoss", step: 3 } } : run),
    );
    expect(compare(groups, {}, all).notes.join(" ")).toContain("In group adam, all 24 runs diverged (");
  });

  it("counts runs that are excluded, pending or failed, and uses none of them", () => {
    const marked = input.runs.map((run): Run => {
      if (!free("adam")(run) || run.repeat > 0) return run;
      if (run.seed === 0) return { ...run, excludedReason: "power cut" };
      return run.seed === 42 ? { ...run, status: "queued" } : { ...run, status: "failed" };
    });
    const { groups, notes, summaries } = compare({ sgd: free("sgd"), adam: free("adam") }, {}, marked);
    expect(groups[1]).toMatchObject({ pending: 2, withoutResult: 4 });
    expect(groups[1]?.excluded).toHaveLength(2);
    expect(summaries[1]?.runs).toBe(16);
    expect(notes.join(" ")).toContain("Provisional: 2 runs");
  });

  it("says of a group whose runs did not run as requested why none of them is compared", () => {
    const runs = input.runs.map((run): Run => (free("adam")(run) ? { ...run, departures: 1 } : run));
    const { comparisons, notes } = compare({ sgd: free("sgd"), adam: free("adam") }, {}, runs);
    expect(comparisons[0]?.reason).toMatch(
      /^Group adam has no run to compare: \d+ runs did not run as requested,/,
    );
    expect(notes.join(" ")).toMatch(/did not run as requested: .* are left out here\./);
    // One departed and the others have no value: both reasons are told.
    const ofAdam = input.runs.filter(free("adam"));
    const rest = ofAdam.slice(1).map((run): Run => ({ ...run, summary: {} }));
    const mixed = [...input.runs.filter(free("sgd")), { ...(ofAdam[0] as Run), departures: 1 }, ...rest];
    const groups = { sgd: free("sgd"), adam: free("adam") };
    expect(compare(groups, {}, mixed).comparisons[0]?.reason).toBe(
      "Group adam has no run to compare: 1 run did not run as requested, and runs that did not are never compared. 23 other runs have no test accuracy.",
    );
  });
});

describe("comparisonRequest", () => {
  it("refuses twins, missing sweeps and unknown baselines", () => {
    const parse = (change: object) =>
      comparisonRequest.safeParse({
        sweepId: input.sweep.id,
        metrics: ["testAccuracy"],
        groups: [{ name: "a" }, { name: "b" }],
        ...change,
      }).success;
    expect(parse({})).toBe(true);
    expect(parse({ groups: [{ name: "a" }, { name: "a" }] })).toBe(false);
    expect(parse({ sweepId: undefined })).toBe(false);
    expect(parse({ baseline: "c" })).toBe(false);
    expect(parse({ groups: [{ name: "a" }] })).toBe(false);
  });
});
