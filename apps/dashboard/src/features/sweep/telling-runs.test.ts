import type { ExtremesAnalysis, Run } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { metricValue } from "../../shared/format/numbers.js";
import { roundingOf, tellingRuns } from "./telling-runs.js";

const run = (id: string, more: Partial<Run> = {}) =>
  ({
    id,
    configurationKey: "a",
    seed: 0,
    arm: "free",
    digest: id,
    durationMs: 1000,
    attempt: 1,
    excludedReason: null,
    ...more,
  }) as Run;
const extremes = (best: string, worst: string) =>
  ({
    provenance: { metricLabel: "test accuracy" },
    rows: [{ grouping: "all", optimism: null, best: { runId: best }, worst: { runId: worst } }],
  }) as ExtremesAnalysis;
const said = (runs: Run[], of?: ExtremesAnalysis) =>
  tellingRuns(runs, new Set(["det"]), of).map((told) => `${told.run.id}: ${told.why}`);

describe("runs that stand out", () => {
  it("says beside the best value how much of it is chance", () => {
    const analysis = extremes("one", "two");
    const configuration = { grouping: "configuration", label: "adam", n: 10, optimism: 0.0123 };
    const all = { ...analysis.rows[0], optimism: null, best: { runId: "one", configurationLabel: "adam" } };
    const told = {
      provenance: { metricLabel: "test accuracy", metricUnit: "fraction" },
      rows: [all, configuration],
    } as ExtremesAnalysis;
    expect(said([run("one"), run("two")], told)).toContain(
      "one: best test accuracy (the best of 10 equally good runs is expected 1.23 pp beyond their mean by chance)",
    );
  });

  it("names the extremes, the slow, the repeated and the left out, each run once", () => {
    const runs = [
      run("one", { durationMs: 9000 }),
      run("two", { attempt: 2 }),
      run("three", { excludedReason: "power cut" }),
      run("four"),
    ];
    expect(said(runs, extremes("one", "four"))).toEqual([
      "one: best test accuracy; took longest",
      "four: worst test accuracy",
      "three: left out: power cut",
      "two: needed 2 attempts",
    ]);
  });

  it("finds the deterministic run that did not repeat, and nothing odd in free ones", () => {
    const det = (id: string, digest: string) => run(id, { arm: "det", digest });
    expect(said([det("a", "x"), det("b", "y"), det("c", "x"), run("f"), run("g")])).toContain(
      "b: deterministic, and yet other bits than its repeats",
    );
    expect(said([run("f"), run("g")])).toEqual([]);
  });

  it.each([
    ["", [0.9876, 1.024], ["0.988", "1.024"]],
    ["percent", [95.612, 95.615], ["95.612\u202f%", "95.615\u202f%"]],
    ["fraction", [0.9561, 0.9563, 0.5], ["95.61\u202f%", "95.63\u202f%", "50.00\u202f%"]],
    ["", [0.5, 0.5], ["0.5000", "0.5000"]],
  ])("have values of %j with decimals in common, enough to tell them apart", (unit, values, shown) => {
    const rounding = roundingOf(values);
    expect(values.map((value) => metricValue(value, unit, rounding))).toEqual(shown);
  });
});
