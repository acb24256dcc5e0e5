import { type Run, type SignificanceRow, significanceAnalysis as schema } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { accuracyOf, exampleInput, exampleSpec } from "../../test-support/example-study.js";
import { inputOf } from "../../test-support/runs-fixture.js";
import { specOf } from "../../test-support/spec-fixture.js";
import { significanceAnalysis } from "./significance.js";

const analyse = (input = exampleInput()) => schema.parse(significanceAnalysis(input));
const rowOf = (rows: SignificanceRow[], optimizer: string, seed: number) => {
  const row = rows.find(({ group }) => group.params.optimizer === optimizer && group.seed === seed);
  if (!row) throw new Error("no such row");
  return row;
};
/** The example with another deterministic value of adam at seed 42. */
function changed(to: number) {
  const input = exampleInput();
  const runs = input.runs.map((run): Run => {
    if (run.params.optimizer !== "adam" || run.seed !== 42 || run.arm !== "det") return run;
    const summary = run.summary.testAccuracy;
    return summary ? { ...run, summary: { testAccuracy: { ...summary, selected: to } } } : run;
  });
  return { ...input, runs };
}
const sentences = (verdicts: { sentence: string }[]) => verdicts.map(({ sentence }) => sentence).join("\n");

// Expected numbers: SciPy 1.17 (t, levene, f), Holm by hand.
describe("significanceAnalysis", () => {
  it("tests the deterministic run as one more observation, and as the paper does", () => {
    const { rows, alpha } = analyse();
    expect(alpha).toBe(0.05);
    const row = rowOf(rows, "adam", 42);
    expect(row.newObservation).toMatchObject({
      statistic: expect.closeTo(-3.546202263484976, 9),
      df: 4,
      p: expect.closeTo(0.02387990243007864, 9),
      adjustedP: expect.closeTo(0.07163971, 7),
    });
    // One of six relabelings: a single seed of five repeats can show nothing at 5 %.
    expect(row.permutation).toEqual({
      p: expect.closeTo(1 / 6, 12),
      adjustedP: null,
      rejected: null,
      smallestP: expect.closeTo(1 / 6, 12),
    });
    // scipy.stats.t.ppf(0.995, 4) * 0.009370165 * sqrt(1.2) on either side of the mean.
    expect(row.newObservation.predictionInterval.low).toBeCloseTo(0.8891412, 6);
    expect(row.newObservation.predictionInterval.high).toBeCloseTo(0.9836588, 6);
    expect(row.oneSample).toMatchObject({
      p: expect.closeTo(0.0009668629323473185, 9),
      adjustedP: expect.closeTo(0.00290059, 7),
      rejected: true,
      falsePositiveRate: expect.closeTo(0.32034286093102865, 9),
    });
    // 4.09 SD at five repeats.
    expect(row.minimumDetectableShift).toBeCloseTo(4.09 * 0.00937016542009794, 3);
  });

  it("sums up over seeds as Table V does, with what holds the level beside it", () => {
    const { summary, rows } = analyse();
    const adam = summary.rows.find((row) => row.configuration === "adam");
    const own = rows.filter(({ group }) => group.configurationLabel === "adam");
    const percent = own.map(
      ({ deterministicValue: d, mean: m }) => (100 * Math.abs(Number(d) - Number(m))) / Number(m),
    );
    // p is 0.001 at seed 42 and 0.28 at seed 0 (SciPy, ttest_1samp): one of two seeds.
    expect(adam).toMatchObject({ seeds: 2, oneSampleSignificant: 1, permutationSignificant: 0 });
    expect(adam?.meanPercentSignificant).toBeCloseTo(
      percent[own.findIndex(({ group }) => group.seed === 42)] ?? 0,
      10,
    );
    expect(adam?.meanPercent).toBeCloseTo(((percent[0] ?? 0) + (percent[1] ?? 0)) / 2, 10);
  });

  it("says what one seed of few repeats cannot show, beside the test of the paper", () => {
    const far = changed(0.86);
    expect(sentences(rowOf(analyse(far).rows, "adam", 42).verdicts)).toBe(
      [
        "adam, seed 42: the deterministic run (86.00 %) lies outside the 95 % prediction interval [88.91, 98.37] % of 5 free executions. At this seed alone, 5 repeats cannot show more: no permutation p-value can fall below 0.17, and a claim needs at least 19 repeats.",
        "One-sample t-test, as in the CUDA-randomness paper: the mean of the 5 repeats differs from the value of the deterministic run (p < 0.001). A deterministic run that is merely another draw would give this result in 32 % of studies of this size.",
      ].join("\n"),
    );
  });

  it("calls a run inside the interval ordinary, with the shift that would have been missed", () => {
    const [prediction] = rowOf(analyse().rows, "adam", 0).verdicts;
    expect(prediction).toMatchObject({
      kind: "prediction-inside",
      sentence:
        "adam, seed 0: the deterministic run (96.00 %) lies inside the 95 % prediction interval [92.01, 98.59] % of 5 free executions: an ordinary draw, as far as 5 repeats can tell. Shifts below about 2.7 pp would usually be missed.",
    });
  });

  it("calls a run unusual without naming a cause, where the repeats of its seed are enough", () => {
    const one = specOf({
      ...exampleSpec,
      seeds: [0],
      search: { method: "list", configurations: [{ optimizer: "adam" }] },
      modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 24 } },
    });
    const input = inputOf(one, (run) => ({
      metrics: { testAccuracy: run.arm === "det" ? 0.8 : 0.9 + run.repeat / 1000 },
    }));
    const { rows, pooled } = analyse(input);
    const [prediction] = rowOf(rows, "adam", 0).verdicts;
    expect(prediction).toMatchObject({ kind: "prediction-outside", tone: "attention" });
    expect(prediction?.sentence).toContain("is unusual among 24 free executions of this seed");
    expect(prediction?.sentence).toContain("(permutation within seeds, p = 0.040)");
    expect(prediction?.sentence).toContain(
      "does not show whether different algorithms or the order of summation caused it",
    );
    expect(pooled[0]?.verdict.sentence).toContain("at seed 0, deterministic runs differ");
  });

  it("makes no t-test of equal values, and looks at the loss instead", () => {
    const row = rowOf(analyse().rows, "sgd", 42);
    expect(row.newObservation.p).toBeNull();
    expect(row.oneSample.rejected).toBeNull();
    expect(row.reason).toContain("All 5 repeats have the same test accuracy");
    expect(row.verdicts).toMatchObject([
      {
        kind: "degenerate",
        sentence:
          "sgd, seed 42, free executions: All 5 repeats have the same test accuracy; there is no spread to test against. The deterministic run has the same value (95.50 %). The test loss, which is continuous, has an SD of 0.0016 nats.",
      },
    ]);
  });

  it("knows that loss from its announcement, whatever its name", () => {
    const input = exampleInput();
    const runs = input.runs.map((run): Run => {
      const { testLoss, ...others } = run.summary;
      return { ...run, summary: testLoss ? { ...others, valNll: testLoss } : others };
    });
    const test = { unit: "nats", split: "test" } as const;
    const metrics: NonNullable<typeof input.metrics> = [
      { ...test, key: "testAccuracy", label: "Test accuracy", direction: "maximize", unit: "fraction" },
      { ...test, key: "valNll", label: "Test NLL (of held-out cases)", direction: "minimize" },
    ];
    const sentenceWith = (announced: typeof metrics) =>
      rowOf(analyse({ ...input, runs, metrics: announced }).rows, "sgd", 42).verdicts[0]?.sentence;
    expect(sentenceWith(metrics)).toContain("The test NLL, which is continuous, has an SD of 0.0016 nats.");
    expect(sentenceWith(metrics.map((metric) => ({ ...metric, loss: false })))).not.toContain("continuous");
  });

  it("makes no t-test of three distinct values among five", () => {
    const few = inputOf(exampleSpec, (run) => ({
      metrics: { testAccuracy: run.arm === "free" ? ([0.9, 0.91, 0.92, 0.9, 0.91][run.repeat] ?? 0) : 0.9 },
    }));
    expect(rowOf(analyse(few).rows, "adam", 0).reason).toBe(
      "Only 3 distinct values of test accuracy among 5 repeats; no t-test.",
    );
  });

  it("leaves a diverged run out of no mean: it makes no test and says so", () => {
    const diverged = inputOf(exampleSpec, (run) => ({
      metrics: { testAccuracy: run.arm === "free" && run.repeat === 2 ? Number.NaN : accuracyOf(run) },
    }));
    const row = rowOf(analyse(diverged).rows, "adam", 0);
    expect(row.reason).toBe("1 of 5 repeats have no finite test accuracy; no t-test.");
    expect(row.mean).toBeNull();
  });

  it("pools over seeds: shift, dispersion, equivalence", () => {
    const { pooled, verdicts } = analyse();
    const [adam, sgd] = pooled;
    expect(adam).toMatchObject({
      configurationLabel: "adam",
      seeds: 2,
      shift: expect.closeTo(-0.0147, 10),
      // 5 of 36 relabelings have as large a studentised shift, 3 as large a dispersion.
      shiftP: expect.closeTo(5 / 36, 12),
      dispersionP: expect.closeTo(3 / 36, 12),
      shiftAdjustedP: null,
      relabelings: { total: 36, drawn: 0, smallestP: expect.closeTo(1 / 36, 12) },
      normalTheory: {
        p: expect.closeTo(0.04659589255386012, 9),
        df: 8,
        f: expect.closeTo(8.787157840880013, 8),
        fDf: [2, 8],
        fP: expect.closeTo(0.00957511197033784, 9),
      },
      verdict: { kind: "pooled-no-shift" },
    });
    expect(adam?.verdict.sentence).toMatch(
      /^adam: at these 2 seeds, deterministic runs lie −1.5 \[−[\d.]+, [\d.]+\] pp from the mean of free executions in test accuracy\. With 2 seeds and 5 repeats there are 36 relabelings, so no p-value can fall below 0\.028, which is not small enough for a claim among 2 comparisons: a difference could not have been shown\. 6 repeats per seed or 3 seeds of 5 repeats would allow a claim\.$/,
    );
    expect(sgd?.verdict.kind).toBe("pooled-no-shift");
    const text = sentences(verdicts);
    expect(text).toContain(
      "adam: at these 2 seeds, neither a difference nor equivalence within ±1 pp is shown (90 % CI [−2.6, −0.3] pp, 8 degrees of freedom). With fewer than 4 seeds the estimate of the spread is too uncertain for planning: no number is given.",
    );
    expect(text).toMatch(
      /sgd: at these 2 seeds, the mean difference between deterministic runs and free executions lies within ±1 pp, fixed beforehand \(90 % CI \[−0\.\d+, 0\.\d+\] pp, 8 degrees of freedom\)\. Seed by seed this is shown at both seeds\. Single runs of one seed still differ by up to 0\.40 pp\./,
    );
    expect(text).toContain(
      "Taken seed by seed, nothing can be claimed about a single deterministic run: 5 repeats have too few relabelings (p ≥ 0.17). The tests over all seeds can.",
    );
    expect(text).toContain(
      "The one-sample t-test of the CUDA-randomness paper would call 1 of 3 comparisons significant at 0.05. If every deterministic run were just another draw, it would still call about 1.0 of them significant.",
    );
  });

  it("claims a dispersion over seeds, and says for which seeds", () => {
    const many = specOf({
      ...exampleSpec,
      seeds: [0, 1, 2, 3, 4],
      search: { method: "list", configurations: [{ optimizer: "adam" }] },
      modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 4 } },
    });
    const input = inputOf(many, ({ arm, seed, repeat }) => ({
      metrics: {
        testAccuracy: arm === "det" ? 0.9 + (seed % 2 === 0 ? 0.02 : -0.02) : 0.9 + (repeat - 1.5) / 500,
      },
    }));
    const { pooled, verdicts, family } = analyse(input);
    expect(family).toBe(2);
    // Only the observed labelling and none of the other 3,124 has every deterministic run outermost.
    expect(pooled[0]?.dispersionP).toBeCloseTo(1 / 3125, 12);
    expect(sentences(verdicts)).toContain(
      "adam: at these 5 seeds, deterministic runs lie farther from the means of free executions than repeats do (permutation within seeds, p < 0.001, adjusted p < 0.001 over 2 tests): they are not ordinary draws, whichever way they deviate.",
    );
    expect(sentences(verdicts)).toContain("Seed by seed it is not shown at seeds 0, 1, 2, 3 and 4");
  });

  it("calls a shift that is significant but smaller than the margin just that", () => {
    const many = specOf({
      ...exampleSpec,
      seeds: [0, 1, 2],
      search: { method: "list", configurations: [{ optimizer: "adam" }] },
      modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 5 } },
    });
    const input = inputOf(many, ({ arm, repeat }) => ({
      metrics: { testAccuracy: arm === "det" ? 0.905 : 0.9 + (repeat - 2) / 2000 },
    }));
    const { verdicts } = analyse(input);
    expect(verdicts.find(({ kind }) => kind === "equivalent")).toMatchObject({
      tone: "neutral",
      sentence: expect.stringContaining("statistically significant but smaller than the margin"),
    });
  });

  it("names the families of its corrections", () => {
    expect(analyse().provenance.correction).toBe(
      "There are too few relabelings for any claim. Also reported, as in the papers: 3 new-observation t-tests and as many one-sample t-tests, each kind by Holm; t and F over seeds, not corrected. Intervals and equivalence are not corrected.",
    );
    const three = specOf({ ...exampleSpec, seeds: [0, 42, 1] });
    const input = inputOf(three, (run) => ({
      metrics: { testAccuracy: run.arm === "det" ? 0.9 : 0.9 + (run.repeat + run.seed) / 1000 },
    }));
    expect(analyse(input).provenance.correction).toMatch(
      /^One family of 4 tests over 2 configuration-and-arm pairs: mean shift, dispersion, and those single seeds whose repeats are numerous enough; adjusted together by step-down max-T \(Westfall and Young\)\./,
    );
  });

  it("labels what was not planned", () => {
    const { provenance, verdicts, rows } = analyse(exampleInput({ metric: "testLoss" }));
    expect(provenance).toMatchObject({ metric: "testLoss", metricUnit: "nats", planned: false });
    const comparing = [...verdicts, ...rows.flatMap((row) => row.verdicts)].filter(
      ({ kind }) => kind !== "degenerate",
    );
    expect(comparing.length).toBeGreaterThan(0);
    for (const { sentence } of comparing) expect(sentence).toMatch(/^Chosen after seeing results: /);
    // No margin was fixed for this metric, so nothing is said about equivalence.
    expect(sentences(verdicts)).not.toContain("quivalence within");
    expect(analyse().provenance.planned).toBe(true);
    expect(sentences(analyse().verdicts)).not.toContain("Chosen after");
  });

  it("labels everything as provisional while runs are missing, and lists what was excluded or failed", () => {
    const input = exampleInput();
    const runs = input.runs.map((run, index): Run => {
      if (index === 20) return { ...run, status: "running", summary: {}, digest: null };
      if (index === 21) return { ...run, status: "queued", summary: {}, digest: null };
      if (index === 22) return { ...run, status: "failed", summary: {}, digest: null };
      if (index === 23) return { ...run, excludedReason: "power cut" };
      return run;
    });
    const { verdicts, provenance, notes, rows } = analyse({ ...input, runs });
    expect(provenance).toMatchObject({
      runsUsed: 24,
      runsPending: 2,
      runsExcluded: [{ runId: runs[23]?.id, reason: "power cut" }],
    });
    expect(verdicts[0]).toMatchObject({
      kind: "pending",
      sentence: "Provisional: 2 of 28 runs have not ended, and the statements below may change.",
    });
    for (const { sentence } of [...verdicts.slice(1), ...rows.flatMap((row) => row.verdicts)]) {
      expect(sentence).toMatch(/^So far: /);
    }
    expect(notes.join(" ")).toContain("1 run without a result (1 failed)");
    expect(notes.join(" ")).toContain("1 run excluded by hand: power cut.");
  });

  it("counts deterministic repeats once, however many there are", () => {
    const more = specOf({
      ...exampleSpec,
      modes: { deterministic: { repeats: 6 }, nondeterministic: { repeats: 5 } },
    });
    const twice = analyse(inputOf(more, (run) => ({ metrics: { testAccuracy: accuracyOf(run) } })));
    const once = analyse();
    expect(twice.pooled.map(({ shiftP, dispersionP }) => [shiftP, dispersionP])).toEqual(
      once.pooled.map(({ shiftP, dispersionP }) => [shiftP, dispersionP]),
    );
    expect(twice.rows.map(({ newObservation }) => newObservation)).toEqual(
      once.rows.map(({ newObservation }) => newObservation),
    );
  });

  it("says what a placebo cannot show", () => {
    const placebo = specOf({
      modes: undefined,
      arms: [
        { name: "det", execution: { order: "fixed" }, repeats: 1 },
        { name: "placebo", execution: { order: "permuted" }, repeats: 5 },
      ],
    });
    const input = inputOf(placebo, (run) => ({
      metrics: { testLoss: run.arm === "det" ? 0.3 : 0.1 + run.repeat / 100 },
    }));
    const { notes, pooled } = analyse(input);
    expect(notes.join(" ")).toContain("false positive");
    expect(pooled.every(({ shiftP }) => Number(shiftP) < 0.03)).toBe(true);
  });

  it("says that there is nothing to compare with, where no deterministic run is", () => {
    const free = specOf({ modes: { nondeterministic: { repeats: 5 } } });
    const { rows, pooled } = analyse(inputOf(free, (run) => ({ metrics: { testLoss: run.repeat } })));
    expect(rows.every(({ reason }) => reason === "No deterministic run to compare with.")).toBe(true);
    expect(pooled.every(({ reason }) => reason !== null)).toBe(true);
  });

  it("survives a sweep without a single run", () => {
    const { rows, verdicts } = analyse({ ...exampleInput(), runs: [] });
    expect(rows).toEqual([]);
    expect(verdicts).toEqual([]);
  });
});
