import type { MetricSummary, Run } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { exampleInput } from "../test-support/example-study.js";
import { determinismAnalysis } from "./determinism/determinism.js";
import { divergedWords } from "./diverged.js";
import { varianceAnalysis } from "./spread/variance.js";
import { significanceAnalysis } from "./tests/significance.js";

const summary = (nonFinite: MetricSummary["nonFinite"]): MetricSummary => ({
  ...{ count: 4, first: 1, last: "NaN", final: null, superseded: 0, min: 1, max: 1, minStep: 1, maxStep: 1 },
  ...{ best: null, bestStep: null, selected: "NaN", nonFinite },
});

/** The run as if its loss had been NaN from this step on. */
const gone = (run: Run, step = 3, since: number | null = step, key = "trainLoss"): Run => ({
  ...run,
  diverged: { key, step },
  summary: { ...run.summary, [key]: summary({ step, value: "NaN", since }) },
});

const [first, second, third, ...others] = exampleInput().runs;
if (!first || !second || !third) throw new Error("too few runs");

describe("how many runs diverged is told", () => {
  it.each<[string, Run[], string | null]>([
    ["none", [first, second], null],
    ["one", [gone(first)], "The only run diverged (train loss is NaN from step 3)"],
    ["both", [gone(first), gone(second)], "Both runs diverged (train loss is NaN from step 3)"],
    [
      "some, at several steps",
      [gone(first), gone(second, 7), third],
      "2 of 3 runs diverged (train loss is NaN from steps 3 to 7)",
    ],
    [
      "one that recovered",
      [gone(first, 3, null), second],
      "1 of 2 runs diverged (train loss is NaN at step 3 first, and not to the end)",
    ],
    [
      "by several metrics",
      [gone(first), gone(second), gone(third, 1, 1, "val/loss")],
      "All 3 runs diverged (train loss is NaN from step 3 in 2 and val/loss is NaN from step 1 in 1)",
    ],
  ])("%s", (_, runs, words) => expect(divergedWords(runs)).toBe(words));
});

describe("a study in which runs diverged", () => {
  const input = exampleInput();
  const all = { ...input, runs: input.runs.map((run) => gone(run)) };

  it("claims nothing to be equal, apart, or shifted where all did", () => {
    const { headline, verdicts, rows } = determinismAnalysis(all);
    expect(headline.sentence).toMatch(/^All \d+ runs diverged .* None of them reached a result/);
    expect(verdicts.map(({ kind }) => kind)).toEqual(["diverged"]);
    expect(rows.every(({ identical }) => identical === null)).toBe(true);
    const tests = significanceAnalysis(all);
    expect(
      tests.rows.every(({ reason, newObservation }) => reason !== null && newObservation.p === null),
    ).toBe(true);
    expect(tests.pooled.every(({ shift }) => shift === null)).toBe(true);
    expect(tests.verdicts.map(({ sentence }) => sentence).join()).not.toMatch(/exactly|equal/);
    expect(varianceAnalysis(all).rows.every(({ typicalInterval }) => typicalInterval.low === null)).toBe(
      true,
    );
  });

  it("says of the others what it would say without them", () => {
    const some = { ...input, runs: [gone(first), second, third, ...others] };
    const said = determinismAnalysis(some).headline.sentence;
    expect(said).toMatch(/^1 of \d+ runs diverged \(train loss is NaN from step 3\)\. Among the others: /);
  });
});
