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
  it("averages free runs per step, and takes deterministic copies once", () => {
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
    expect(free?.low).toEqual([null, null]);
    // Seeds 0 and 42 with means 0.82 and 0.862; the range is that of the ten runs.
    expect(free?.units).toEqual([2, 2]);
    expect(free?.sd[1]).toBeCloseTo(0.042 / Math.SQRT2, 12);
    expect([free?.min[1], free?.max[1]]).toEqual([expect.closeTo(0.8, 12), expect.closeTo(0.882, 12)]);
    expect(det?.sd[0]).toBe(0);
    expect(table.rows).toHaveLength(8);
    expect(notes.join(" ")).toContain("A band needs 3 seeds.");
  });

  it("has a band over seeds, whose repeats are no observations of their own, or over the repeats of one seed", () => {
    const input = exampleInput();
    const bandOf = (value: (run: (typeof input.runs)[number]) => number, runs = input.runs) => {
      const series = new Map(runs.map((run) => [run.id, seriesOf([value(run)])]));
      const group = curvesAnalysis({ ...input, runs, series }).groups.find(({ arm }) => arm === "free");
      return [group?.low[0], group?.high[0]];
    };
    const seedZero = input.runs.filter(({ seed }) => seed === 0);
    // 0.80 … 0.84: mean 0.82, standard error 0.00707, t(0.9975, 4) = 5.598.
    const half = 5.597_568_367 * Math.sqrt(0.000_25 / 5);
    expect(bandOf(({ repeat }) => 0.8 + repeat / 100, seedZero)).toEqual([
      expect.closeTo(0.82 - half, 8),
      expect.closeTo(0.82 + half, 8),
    ]);
    // Repeats become seeds 0, 1 and 2 with means 0.8, 0.81 and 0.82, whatever the spread within.
    const spread = input.runs.map((run) => ({ ...run, seed: run.repeat % 3 }));
    const wide = 14.089_047_276 * (0.01 / Math.sqrt(3));
    const band = bandOf(({ seed }) => 0.8 + seed / 100, spread);
    expect(band).toEqual([expect.closeTo(0.81 - wide, 6), expect.closeTo(0.81 + wide, 6)]);
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
    expect(groups[0]).toMatchObject({ steps: [1, 2], n: [2, 1], low: [null, null] });
    expect(groups[0]?.runs.some(({ values }) => values.includes("NaN"))).toBe(true);
    expect(verdicts).toMatchObject([{ kind: "pending" }]);
  });

  it("says at which step how many runs have ended, so that nobody takes the jump of the mean for a change", () => {
    const input = exampleInput();
    const free = input.runs.filter(
      ({ configurationLabel, arm, seed }) => configurationLabel === "adam" && arm === "free" && seed === 0,
    );
    const told = (lengths: number[], change: (steps: number[]) => number[] = (steps) => steps) => {
      const runs = free.slice(0, lengths.length);
      const series = new Map(
        runs.map(({ id }, index) => {
          const whole = seriesOf(Array<number>(lengths[index] ?? 0).fill(0.5));
          const steps = index === 0 ? change(whole.steps) : whole.steps;
          const kept = steps.map((step) => step - 1);
          return [id, { steps, values: kept.map(() => 0.5), wallTimes: kept }];
        }),
      );
      const { groups, notes } = schema.parse(curvesAnalysis({ ...input, runs, series }));
      return { ends: groups[0]?.ends, notes: notes.filter((note) => note.startsWith("adam, free")) };
    };
    expect(told([80, 40, 80, 40, 80])).toEqual({
      ends: [{ step: 40, ended: 2, running: 0, of: 5, goOn: 3 }],
      notes: ["adam, free: 2 of 5 runs end at step 40; the mean afterwards is over the 3 that continue."],
    });
    expect(told([3, 1, 2]).notes).toEqual([
      "adam, free: 1 of 3 runs ends at step 1; the mean afterwards is over the 2 that continue.",
      "adam, free: 1 of 3 runs ends at step 2; the mean afterwards is over the 1 that continues.",
    ]);
    expect(told([5, 1, 2, 3, 4]).notes).toEqual([
      "adam, free: 4 of 5 runs end before the others, at steps 1, 2, 3 and 4; after each of them the mean is over fewer runs.",
    ]);
    expect(told([4, 4, 4])).toEqual({ ends: [], notes: [] });
    expect(told([4, 4, 4], (steps) => steps.slice(2)).notes).toEqual([
      "adam, free: 1 of 3 runs begins later, by step 3; the mean before it is over fewer runs.",
    ]);
    expect(told([4, 4, 4], ([a = 0, , b = 0, c = 0]) => [a, b, c]).notes).toEqual([
      "adam, free: 1 of 3 runs has no value at some steps at which others do; the mean is over different runs there, and n gives their number.",
    ]);
  });

  it("tells runs that are behind from runs that have ended", () => {
    const input = exampleInput();
    const [first, second] = input.runs.filter(({ arm, seed }) => arm === "free" && seed === 0);
    if (!first || !second) throw new Error("no runs");
    const runs = [first, { ...second, configurationKey: first.configurationKey, status: "running" as const }];
    const series = new Map([
      [first.id, seriesOf([0.5, 0.6])],
      [second.id, seriesOf([0.6])],
    ]);
    const { groups, notes } = schema.parse(curvesAnalysis({ ...input, runs, series }));
    expect(groups[0]?.ends).toEqual([{ step: 1, ended: 0, running: 1, of: 2, goOn: 1 }]);
    expect(notes.join(" ")).toContain(
      "1 of 2 runs is still running and behind the others; the mean after step 1 is over fewer runs.",
    );
  });
});
