import { leadSentence, type Run, determinismAnalysis as schema } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { exampleInput, exampleSpec } from "../../test-support/example-study.js";
import { inputOf } from "../../test-support/runs-fixture.js";
import { specOf } from "../../test-support/spec-fixture.js";
import { determinismAnalysis } from "./determinism.js";

const analyse = (input = exampleInput()) => schema.parse(determinismAnalysis(input));
const change = (match: (run: Run) => boolean, to: Partial<Run>) => {
  const input = exampleInput();
  return { ...input, runs: input.runs.map((run) => (match(run) ? { ...run, ...to } : run)) };
};

// Expected numbers: NumPy and SciPy 1.17.
describe("determinismAnalysis", () => {
  it("puts the deterministic value beside the spread of repeats, D both ways", () => {
    const { rows } = analyse();
    expect(rows.map(({ group }) => [group.configurationLabel, group.seed])).toEqual([
      ["adam", 0],
      ["adam", 42],
      ["sgd", 0],
      ["sgd", 42],
    ]);
    const [, row] = rows;
    expect(row).toMatchObject({
      identical: true,
      deterministic: { arm: "det", n: 2, values: [0.9, 0.9], distinctDigests: 1 },
    });
    expect(row?.others).toHaveLength(1);
    expect(row?.others[0]).toMatchObject({
      arm: "free",
      n: 5,
      values: [0.93, 0.941, 0.937, 0.925, 0.949],
      mean: expect.closeTo(0.9364, 12),
      sd: expect.closeTo(0.00937016542009794, 12),
      min: 0.925,
      max: 0.949,
      distinctValues: 5,
      distinctDigests: 5,
      deltaPercent: expect.closeTo(-3.887227680478415, 9),
      range: expect.closeTo(0.024, 12),
      maxAbsDifference: expect.closeTo(0.049, 12),
    });
    expect(row?.others[0]?.predictionInterval.low).toBeCloseTo(0.8891412, 6);
  });

  it("leaves intervals out where values hardly differ", () => {
    const constant = analyse().rows[3]?.others[0];
    expect(constant).toMatchObject({
      sd: 0,
      range: 0,
      predictionInterval: { low: null, high: null },
    });
  });

  it("states bit-identity with its limits", () => {
    expect(analyse().verdicts[0]).toMatchObject({
      kind: "bit-identical",
      tone: "good",
      sentence:
        "All 8 deterministic executions repeat to the bit: equal digests in one environment (wasm on worker-1), 4 configuration-and-seed cells compared one by one. This shows repeatability there, not on other hardware, and says nothing about accuracy.",
    });
  });

  it("names the cell in which a deterministic execution did not repeat", () => {
    const odd = change(
      ({ arm, seed, repeat, params }) =>
        arm === "det" && seed === 42 && repeat === 1 && params.optimizer === "adam",
      { digest: "other" },
    );
    const { verdicts, rows } = analyse(odd);
    expect(rows.map(({ identical }) => identical)).toEqual([true, false, true, true]);
    expect(verdicts[0]).toMatchObject({ kind: "not-identical", tone: "attention" });
    expect(verdicts[0]?.sentence).toContain(
      "did not repeat in 1 of 4 configuration-and-seed cells (adam, seed 42: 2 digests in 2 runs).",
    );
  });

  it("claims no identity from one repeat or from missing digests", () => {
    const single = specOf({
      ...exampleSpec,
      modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 5 } },
    });
    const one = analyse(
      inputOf(single, (run) => ({ metrics: { testAccuracy: run.repeat }, digest: run.key })),
    );
    expect(one.rows.every(({ identical }) => identical === null)).toBe(true);
    const none = analyse(change(() => true, { digest: null }));
    for (const { verdicts } of [one, none]) {
      expect(verdicts.some(({ kind }) => kind === "bit-identical" || kind === "not-identical")).toBe(false);
    }
  });

  it("describes the widest spread, and executions that agree", () => {
    const spread = analyse().verdicts.filter(({ kind }) => kind === "spread");
    expect(spread[0]?.sentence).toBe(
      "adam: 5 free executions at seed 42 ended between 92.50 and 94.90 % test accuracy, 2.40 pp apart (SD 0.94 pp; the widest spread of 2 seeds). Final weights differ between all 10 executions over 2 seeds.",
    );
    const still = analyse(
      inputOf(exampleSpec, (run) => ({ metrics: { testAccuracy: 0.9 }, digest: String(run.seed) })),
    ).verdicts.filter(({ kind }) => kind === "spread");
    expect(still[0]).toMatchObject({
      tone: "neutral",
      sentence:
        "adam: 10 free executions gave the same test accuracy at each of 2 seeds. Final weights are equal within each seed.",
    });
  });

  it("says the study in one sentence", () => {
    const headline = (input = exampleInput()) => analyse(input).headline;
    expect(headline()).toMatchObject({
      kind: "spread",
      tone: "attention",
      sentence:
        "Deterministic executions repeat to the bit. Free executions of one seed end up to 2.40 pp apart in test accuracy (adam). There are too few runs to show whether deterministic ones differ from the others. Two seeds end 2.0 pp apart (adam, arm free); where a third would end is not known.",
    });
    const still = inputOf(exampleSpec, (run) => ({ metrics: { testAccuracy: 0.9 }, digest: run.key }));
    expect(headline(still)).toMatchObject({
      kind: "not-identical",
      sentence:
        "Deterministic executions do not repeat to the bit. Free executions of one seed end with the same test accuracy in both configurations, though with different weights. The 2 seeds end with the same test accuracy (adam, arm free).",
    });
    const half = change(({ params }) => params.optimizer === "sgd", {
      summary: exampleInput().runs.find(({ params }) => params.optimizer === "sgd")?.summary ?? {},
    });
    expect(headline(half).sentence).toContain(
      "(adam); in one of two configurations they do not differ at all.",
    );
    expect(
      headline(change(({ position }) => position === 27, { status: "running", summary: {} })).sentence,
    ).toMatch(/^So far: deterministic executions repeat/);
    expect(headline(change(() => true, { status: "queued", summary: {} })).kind).toBe("pending");
    expect(headline(change(() => true, { status: "failed", summary: {} })).sentence).toBe(
      "28 runs failed or were cancelled, so there is nothing to judge.",
    );
    const once = specOf({ ...exampleSpec, seeds: [0, 1], modes: { deterministic: { repeats: 1 } } });
    expect(headline(inputOf(once, () => ({ metrics: { testAccuracy: 0.9 } })))).toMatchObject({
      kind: "single-run",
      sentence:
        "2 configurations were trained once at each of 2 seeds: this shows how far seeds scatter, but not whether an execution repeats. The 2 seeds end with the same test accuracy (adam).",
    });
  });

  it("ends its first sentence where it was made, whatever stops a label has", () => {
    const input = exampleInput();
    const runs = input.runs
      .filter(({ arm }) => arm === "free")
      .map((run) => ({
        ...run,
        configurationLabel: run.configurationLabel.replace("adam", "Vers. 2 (exp. A"),
      }));
    const { lead, rest } = leadSentence(analyse({ ...input, runs }).headline);
    expect(lead).toMatch(
      /^Free executions of one seed end up to 2\.40 pp apart .* \(Vers\. 2 \(exp\. A\)\.$/,
    );
    expect(rest).not.toBe("");
  });

  it("says the same below the name of its configuration", () => {
    const [spread] = analyse().verdicts.filter(({ kind }) => kind === "spread");
    expect(spread?.about).toMatchObject({ configuration: "adam" });
    expect(spread?.sentence).toBe(`adam: ${spread?.about?.statement}`);
  });

  it("compares the spread of configurations seed by seed, as chosen later when it was not planned", () => {
    const { verdicts, provenance } = analyse();
    const variable = verdicts.filter(({ kind }) => kind === "more-variable");
    // Brown–Forsythe p = 0.067 at seed 0 and 0.0168 at seed 42; Holm doubles the smaller.
    expect(variable.map(({ sentence }) => sentence)).toEqual([
      "Chosen after seeing results: spread differs between configurations at seed 42: SD 0.94 pp (adam) and 0.00 pp (sgd) (Brown–Forsythe, adjusted p = 0.034, n = 5 and 5).",
    ]);
    expect(provenance.correction).toContain("Holm over 2 Brown–Forsythe tests");
  });

  it("does not compare the spread of two repeats", () => {
    const two = change(({ arm, repeat }) => arm === "free" && repeat > 1, { status: "queued", summary: {} });
    expect(analyse(two).verdicts.some(({ kind }) => kind === "more-variable")).toBe(false);
  });

  it("says when ranks are all that there is", () => {
    const one = specOf({ ...exampleSpec, seeds: [0], modes: { deterministic: { repeats: 1 } } });
    const { verdicts } = analyse(inputOf(one, () => ({ metrics: { testAccuracy: 0.9 } })));
    expect(verdicts.map(({ kind }) => kind)).toEqual(["single-run"]);
  });

  it("keeps the order of the spec and full precision in the table", () => {
    const { table } = analyse();
    expect(table.rows).toHaveLength(4);
    expect(table.rows[0]).toMatchObject({
      configuration: "adam",
      seed: 0,
      deterministic: 0.96,
      identical: true,
    });
    expect(Object.keys(table.rows[0] ?? {})).toEqual(table.columns.map(({ key }) => key));
  });

  it("notes failed runs and those without the metric", () => {
    const input = change(({ position }) => position === 3, { status: "cancelled", summary: {} });
    const { notes } = analyse(input);
    expect(notes[0]).toContain("1 run without a result (1 cancelled)");
    const lacking = change(({ position }) => position === 3, { summary: {} });
    expect(analyse(lacking).notes[0]).toBe("1 run ended without test accuracy.");
  });
});
