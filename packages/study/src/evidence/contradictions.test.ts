import type { Run, RunEvidence } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { exampleInput } from "../test-support/example-study.js";
import { contradictionsOf } from "./contradictions.js";

const { runs } = exampleInput();
const [first, second] = runs.filter(
  ({ arm, seed, configurationLabel }) => arm === "det" && seed === 0 && configurationLabel === "adam",
);
if (!first || !second) throw new Error("the example has no deterministic runs");

const withMetric = (run: Run, key: string, value: number): Run => {
  const summary = run.summary.testAccuracy;
  if (!summary) throw new Error("no testAccuracy");
  return { ...run, summary: { ...run.summary, [key]: { ...summary, selected: value, last: value } } };
};
const kinds = (pair: readonly Run[], evidence?: ReadonlyMap<string, RunEvidence>) =>
  contradictionsOf({ runs: pair, ...(evidence ? { evidence } : {}) }).map(({ kind }) => kind);
const evidenceOf = (of: Partial<RunEvidence>, other: Partial<RunEvidence>) =>
  new Map([
    [first.id, { rungs: {}, predictions: {}, ...of }],
    [second.id, { rungs: {}, predictions: {}, ...other }],
  ]);

describe("contradictions", () => {
  it("are none in a study whose record agrees", () => {
    expect(contradictionsOf({ runs })).toEqual([]);
  });

  it("are unequal metrics of equal weights, but for rounding and what belongs to the execution", () => {
    expect(kinds([first, withMetric(second, "testAccuracy", 0.92)])).toEqual(["metric"]);
    expect(kinds([first, withMetric(second, "testAccuracy", Number.NaN)])).toEqual(["metric"]);
    expect(kinds([first, withMetric(second, "testAccuracy", 0.96 + 1e-9)])).toEqual([]);
    const timed = [withMetric(first, "epochSeconds", 1), withMetric(second, "epochSeconds", 2)];
    expect(kinds(timed)).toEqual([]);
    const named = [withMetric(first, "sentimentAccuracy", 0.7), withMetric(second, "sentimentAccuracy", 0.8)];
    expect(kinds(named)).toEqual(["metric"]);
  });

  it("are two digests of the weights of one run, unless it evaluates those of another", () => {
    const rungs = { finalWeights: { rungs: 1, digest: "b".repeat(64), algorithm: "sha256" } };
    expect(kinds([first], evidenceOf({ rungs }, {}))).toEqual(["digest"]);
    const evaluation = { ...first, trainer: "tfjs", params: { ...first.params, sourceRun: second.id } };
    expect(kinds([evaluation], evidenceOf({ rungs }, {}))).toEqual([]);
  });

  it("are not looked for between seeds, in runs left out, or at different points of training", () => {
    const other = withMetric(second, "testAccuracy", 0.92);
    expect(kinds([first, { ...other, seed: 7 }])).toEqual([]);
    expect(kinds([first, { ...other, excludedReason: "broken" }])).toEqual([]);
    const longer = Object.fromEntries(
      Object.entries(other.summary).map(([key, summary]) => [key, { ...summary, count: 9 }]),
    );
    expect(kinds([first, { ...other, summary: longer, selectedEpoch: 9 }])).toEqual([]);
  });

  it("are unequal predictions, earlier digests and numbers of cases", () => {
    const test = (cases: number, digest: string) => ({ predictions: { test: { cases, digest } } });
    expect(kinds([first, second], evidenceOf(test(4, "a"), test(4, "a")))).toEqual([]);
    expect(kinds([first, second], evidenceOf(test(4, "a"), test(4, "b")))).toEqual(["predictions"]);
    const rung = (kind: string, digest: string, rungs = 1, algorithm = "sha256") => ({
      rungs: { [kind]: { rungs, digest, algorithm } },
    });
    const initial = evidenceOf(rung("initialWeights", "a"), rung("initialWeights", "b"));
    expect(kinds([first, second], initial)).toEqual(["ladder"]);
    const onDevice = evidenceOf(rung("initialWeights", "a"), rung("initialWeights", "b", 1, "rows32"));
    expect(kinds([first, second], onDevice)).toEqual([]);
    expect(kinds([first, second], evidenceOf(rung("epoch", "a", 2), rung("epoch", "b", 3)))).toEqual([]);
    const data = evidenceOf(
      { ...rung("dataset", "d"), ...test(4, "a") },
      { ...rung("dataset", "d"), ...test(3, "a") },
    );
    expect(kinds([first, second], data)).toEqual(["data"]);
  });

  it("are two digests of one run's final weights", () => {
    const rungs = { finalWeights: { rungs: 1, digest: "b".repeat(32), algorithm: "sha256" } };
    const run = { ...first, digest: "a".repeat(64) };
    expect(kinds([run], evidenceOf({ rungs }, {}))).toEqual(["digest"]);
    expect(kinds([{ ...run, digest: "b".repeat(64) }], evidenceOf({ rungs }, {}))).toEqual([]);
  });
});
