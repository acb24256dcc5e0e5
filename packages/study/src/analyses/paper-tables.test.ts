import {
  energyAnalysis as energySchema,
  extremesAnalysis as extremesSchema,
  type Run,
  runtimeAnalysis as runtimeSchema,
} from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { exportTable } from "../exports/export-table.js";
import { exampleInput } from "../test-support/example-study.js";
import { gridInput } from "../test-support/grid-study.js";
import { endedRun, inputOf } from "../test-support/runs-fixture.js";
import { specOf } from "../test-support/spec-fixture.js";
import { energyAnalysis } from "./cost/energy.js";
import { runtimeAnalysis } from "./cost/runtime.js";
import { extremesAnalysis } from "./determinism/extremes.js";
import type { AnalysisInput } from "./input.js";

const changed = (input: AnalysisInput, match: (run: Run) => boolean, to: Partial<Run>): AnalysisInput => ({
  ...input,
  runs: input.runs.map((run) => (match(run) ? { ...run, ...to } : run)),
});
/** Wall times of Table IV of the CUDA-randomness paper, Adam on CBIS-DDSM: seed → [deterministic, mean of the others]. */
const published: Record<number, [number, number]> = {
  0: [343.63, 319.85],
  180698: [423.07, 409.54],
  314: [407.55, 370.17],
  3407: [414.48, 382.11],
  42: [360.46, 355.44],
};
const publishedInput = () =>
  inputOf(
    specOf({
      search: { method: "list", configurations: [{ optimizer: "adam" }] },
      seeds: Object.keys(published).map(Number),
      modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 1 } },
    }),
    ({ seed, arm }) => ({
      metrics: { testLoss: 1 },
      changes: { durationMs: (published[seed]?.[arm === "det" ? 0 : 1] ?? Number.NaN) * 60_000 },
    }),
  );

describe("extremesAnalysis (Table I)", () => {
  it("finds best and worst of all runs, per optimizer and per configuration, with their runs", () => {
    const { rows, table } = extremesSchema.parse(extremesAnalysis(gridInput()));
    expect(rows.map(({ grouping }) => grouping)).toEqual([
      "all",
      "optimizer",
      "optimizer",
      "configuration",
      "configuration",
      "configuration",
      "configuration",
    ]);
    expect(rows[0]).toMatchObject({
      n: 80,
      seeds: 4,
      best: { value: 0.949762, seed: 0, arm: "free", repeat: 1 },
      worst: { value: 0.892668, seed: 42, arm: "free", repeat: 0 },
      range: expect.closeTo(0.057094, 12),
    });
    expect(rows.find(({ label }) => label === "sgd")).toMatchObject({ n: 40, best: { value: 0.949762 } });
    expect(table.rows).toHaveLength(rows.length);
  });

  it("takes the smallest loss as best and leaves diverged and excluded runs out", () => {
    const input = exampleInput({ metric: "testLoss" });
    const { rows, notes, provenance } = extremesSchema.parse(
      extremesAnalysis(changed(input, ({ position }) => position === 0, { excludedReason: "power cut" })),
    );
    expect(rows[0]?.best?.value).toBeLessThan(Number(rows[0]?.worst?.value));
    expect(provenance.runsExcluded).toHaveLength(1);
    expect(notes.join(" ")).toContain("power cut");
  });

  it("has no rows and no verdict without runs", () => {
    expect(extremesAnalysis({ ...gridInput(), runs: [] })).toMatchObject({ rows: [], verdicts: [] });
  });
});

describe("runtimeAnalysis (Table IV)", () => {
  it("reproduces the published percentages and tests their minutes over seeds", () => {
    const { rows, tests } = runtimeSchema.parse(runtimeAnalysis(publishedInput()));
    const printed: Record<number, number> = { 0: -6.92, 180698: -3.2, 314: -9.17, 3407: -7.81, 42: -1.39 };
    for (const { group, percent } of rows) expect(percent).toBeCloseTo(printed[group.seed] ?? 0, 2);
    expect(rows).toHaveLength(5);
    // SciPy 1.17: ttest_rel and wilcoxon.
    expect(tests).toHaveLength(1);
    expect(tests[0]).toMatchObject({
      seeds: 5,
      differenceMinutes: expect.closeTo(-22.416, 9),
      t: expect.closeTo(-3.7716702538559677, 9),
      df: 4,
      p: expect.closeTo(0.019576176290433848, 12),
      wilcoxonP: 0.0625,
      differenceInterval: {
        low: expect.closeTo(-38.91712265633133, 8),
        high: expect.closeTo(-5.914877343668643, 8),
      },
    });
    expect(tests[0]?.verdict.sentence).toContain("under this load");
    expect(tests[0]?.verdict.basis.join(" ")).toContain("cannot fall below 0.05 with fewer than six pairs");
  });

  it("averages repeats within a seed, corrects over configurations and says what wall time depends on", () => {
    const { tests, notes, provenance } = runtimeSchema.parse(runtimeAnalysis(gridInput()));
    expect(tests.map(({ configurationLabel }) => configurationLabel)).toContain("all configurations");
    const adam = tests.find(({ configurationLabel }) => configurationLabel === "adam · lr 0.01");
    expect(adam).toMatchObject({
      p: expect.closeTo(0.0008627748060003237, 12),
      // Second smallest of five: the test over all configurations comes before it.
      adjustedP: expect.closeTo(4 * 0.0008627748060003237, 12),
      percent: expect.closeTo(-25.979492118724572, 9),
    });
    expect(provenance.correction).toContain("Holm over 5 paired tests");
    expect(notes.join(" ")).toContain("depends on whatever else the machine did");
  });

  it("makes no test of one seed or of missing times, and says so while runs are pending", () => {
    const input = changed(gridInput(), ({ seed }) => seed !== 0, { status: "queued", durationMs: null });
    const { tests, verdicts } = runtimeSchema.parse(runtimeAnalysis(input));
    expect(tests.every(({ p, reason }) => p === null && reason?.includes("needs two"))).toBe(true);
    expect(verdicts[0]?.kind).toBe("pending");
    const silent = runtimeSchema.parse(
      runtimeAnalysis(changed(gridInput(), () => true, { durationMs: null })),
    );
    expect(silent.rows.every(({ percent }) => percent === null)).toBe(true);
    expect(silent.verdicts[0]?.sentence).toContain("were not both timed");
  });
});

describe("energyAnalysis (Table VI)", () => {
  it("sums reported runs by configuration and arm, and everything else in a ledger", () => {
    const input = gridInput();
    const [first, second, third, fourth] = input.runs;
    if (!first || !second || !third || !fourth) throw new Error("the fixture has runs");
    const runs: Run[] = [
      { ...first, status: "failed" },
      { ...second, status: "cancelled" },
      { ...third, excludedReason: "power cut" },
      { ...fourth, status: "queued", energy: null },
      ...input.runs.slice(4),
    ];
    const verification: Run = {
      ...first,
      id: "00000000-0000-4000-8000-000000009999",
      purpose: "verification",
    };
    const analysis = energySchema.parse(energyAnalysis({ ...input, runs, allRuns: [...runs, verification] }));
    const used = (run: Run) => run.energy?.kWh ?? 0;
    const reported = input.runs.slice(4).reduce((total, run) => total + used(run), 0);
    expect(analysis.experimentRuns).toMatchObject({ runs: 76, recorded: 76 });
    expect(analysis.experimentRuns.kWh).toBeCloseTo(reported, 12);
    expect(analysis.allRuns.runs).toBe(80);
    expect(analysis.allRuns.kWh).toBeCloseTo(reported + 2 * used(first) + used(second) + used(third), 12);
    expect(analysis.allRuns.gCO2e).toBeCloseTo(analysis.allRuns.kWh * 381, 9);
    expect(analysis.ledger.map(({ kind, runs: n }) => [kind, n])).toEqual([
      ["experiment", 76],
      ["excluded", 1],
      ["failed", 1],
      ["cancelled", 1],
      ["unfinished", 1],
      ["verification", 1],
    ]);
    expect(analysis.rows.reduce((total, { kWh }) => total + kWh, 0)).toBeCloseTo(reported, 12);
    expect(analysis.methods).toEqual(["tdp-hours (pue 1, place DEU)"]);
  });

  it("does not take a missing record for no consumption", () => {
    const { verdicts, experimentRuns } = energyAnalysis(exampleInput());
    expect(experimentRuns).toMatchObject({ runs: 28, recorded: 0, kWh: 0 });
    expect(verdicts[0]?.sentence).toBe("No energy was recorded for any run.");
    expect(energyAnalysis(exampleInput()).rows[0]?.kWhPerRun).toBeNull();
    const [first, second, ...others] = gridInput().runs.slice(0, 5);
    const known = [first, second].flatMap((run) => run ?? []);
    const missing = others.map((run) => ({ ...run, energy: null }));
    const sentenceOf = (runs: Run[]) => energyAnalysis({ ...gridInput(), runs }).verdicts.at(-1)?.sentence;
    expect(sentenceOf(known)).toContain("; both runs of the study, including those");
    expect(sentenceOf([...known, ...missing])).toContain(
      "; the 2 runs of the study with a record, including those",
    );
  });
});

it("exports the tables of the paper in every format", () => {
  for (const analysis of [
    extremesAnalysis(gridInput()),
    runtimeAnalysis(gridInput()),
    energyAnalysis(gridInput()),
  ]) {
    expect(exportTable(analysis, "csv").split("\r\n")).toHaveLength(analysis.table.rows.length + 2);
    expect(exportTable(analysis, "latex")).toContain("\\begin{tabular}");
    expect(exportTable(analysis, "markdown")).toContain(analysis.table.title);
  }
});

it("keeps a run that ended without energy or duration", () => {
  const input = gridInput();
  const [first] = input.runs;
  if (!first) throw new Error("the fixture has runs");
  const bare = { ...endedRun(first, { metrics: { testAccuracy: 0.9 } }), durationMs: null };
  expect(energyAnalysis({ ...input, runs: [bare, ...input.runs.slice(1)] }).verdicts[0]?.sentence).toContain(
    "not counting 1 run without a record",
  );
});
