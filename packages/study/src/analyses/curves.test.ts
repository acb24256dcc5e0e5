import {
  type LadderCounts,
  type MetricSeries,
  curvesAnalysis as schema,
  type WireNumber,
} from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { exampleInput } from "../test-support/example-study.js";
import { curvesAnalysis } from "./curves.js";

const seriesOf = (values: WireNumber[]): MetricSeries => ({
  steps: values.map((_, i) => i + 1),
  values,
  wallTimes: values.map((_, i) => i),
});

describe("curvesAnalysis", () => {
  it("averages free runs per step with a t interval, and takes deterministic copies once", () => {
    const input = exampleInput();
    const series = new Map(
      input.runs.map(({ id, repeat, seed, arm }) => [
        id,
        seriesOf([0.5, arm === "det" ? 0.7 : 0.8 + repeat / 100 + seed / 1000]),
      ]),
    );
    const { groups, table, notes } = schema.parse(curvesAnalysis({ ...input, series }));
    expect(groups.map(({ configurationLabel, arm }) => `${configurationLabel} ${arm}`)).toEqual([
      "adam det",
      "adam free",
      "sgd det",
      "sgd free",
    ]);
    const [det, free] = groups;
    expect(det).toMatchObject({ n: [2, 2], steps: [1, 2] });
    expect(det?.runs).toHaveLength(4);
    expect(free?.n).toEqual([10, 10]);
    expect(free?.mean[1]).toBeCloseTo(0.841, 12);
    // SciPy: t.interval(0.95, 9, mean, sem) of 0.80 … 0.84 and 0.842 … 0.882.
    expect(free?.low[1]).toBeCloseTo(0.8219089183889535, 10);
    expect(free?.high[1]).toBeCloseTo(0.8600910816110464, 10);
    expect(table.rows).toHaveLength(8);
    expect(notes.join(" ")).toContain("too narrow");
  });

  it("counts optimizer steps by the ladder of a run, and tells a series by step from one by epoch", () => {
    const input = exampleInput();
    const told = input.runs.find(
      ({ configurationLabel, arm }) => configurationLabel === "adam" && arm === "free",
    );
    if (!told) throw new Error("no run");
    const counted = (length: number, ladder: LadderCounts) => {
      const series = new Map(input.runs.map(({ id }) => [id, seriesOf(Array<number>(length).fill(0.5))]));
      const { groups } = schema.parse(
        curvesAnalysis({ ...input, series, ladders: new Map([[told.id, ladder]]) }),
      );
      return groups.map(({ countedIn, stepsPerEpoch }) => [countedIn, stepsPerEpoch]);
    };
    const unknown = ["epochs", null];
    expect(counted(3, { epochs: 3, steps: 36 })).toEqual([unknown, ["epochs", 12], unknown, unknown]);
    expect(counted(36, { epochs: 3, steps: 36 })[1]).toEqual(["steps", 12]);
    expect(counted(3, { epochs: 3, steps: 37 })[1]).toEqual(unknown);
    expect(counted(3, { epochs: 3, steps: null })[1]).toEqual(unknown);
    expect(counted(3, { epochs: null, steps: 36 })[1]).toEqual(unknown);
  });

  it("draws running runs as far as they are, and keeps NaN", () => {
    const input = exampleInput();
    const [first, second] = input.runs.filter(({ arm, seed }) => arm === "free" && seed === 0);
    if (!first || !second) throw new Error("no runs");
    const runs = [first, { ...second, configurationKey: first.configurationKey, status: "running" as const }];
    const series = new Map([
      [first.id, seriesOf([0.5, "NaN"])],
      [second.id, seriesOf([0.6])],
    ]);
    const { groups, verdicts } = schema.parse(curvesAnalysis({ ...input, runs, series }));
    expect(groups).toHaveLength(1);
    expect(groups[0]).toMatchObject({ steps: [1, 2], n: [2, 1], low: [expect.any(Number), null] });
    expect(groups[0]?.runs.some(({ values }) => values.includes("NaN"))).toBe(true);
    expect(verdicts).toMatchObject([{ kind: "pending" }]);
  });
});
