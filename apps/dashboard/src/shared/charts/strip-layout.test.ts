import type { StripRun } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { layoutDense, layoutStrip, stripRows } from "./strip-layout.js";

const arms = ["det", "free"];

/** Twelve configurations, five seeds, two deterministic and four free repeats. */
const runsOf = (seeds: readonly number[]) =>
  Array.from({ length: 12 }, (_, configuration) =>
    seeds.map((seed) =>
      ["det", "det", "free", "free", "free", "free"].map(
        (arm, repeat): StripRun => ({
          id: `${configuration} ${seed} ${repeat}`,
          configurationKey: `c${configuration}`,
          configurationLabel: `lr ${configuration}`,
          ...{
            seed,
            arm,
            repeat,
            status: "succeeded",
            digest: `${repeat}`,
            diverged: null,
            departures: 0,
            excluded: false,
          },
        }),
      ),
    ),
  ).flat(2);
const runs = runsOf([0, 1, 2, 3, 4]);
const labels = new Map(
  runs.map(({ configurationKey, configurationLabel }) => [configurationKey, configurationLabel]),
);

it("tells two digests as two", () => {
  const summaryOf = (all: readonly StripRun[]) =>
    layoutStrip(stripRows(all, arms), arms, labels, 1180).rows[0]?.summary;
  expect(summaryOf(runs)).toBe("det the two differ · free all 4 differ");
  const same = runs.map((run) => ({ ...run, digest: "a" }));
  expect(summaryOf(same)).toBe("det the two are equal · free all 4 are equal");
});

describe("the dense strip of 60 rows", () => {
  it.each([
    ["a wide page", 1180, 14],
    ["a phone", 358, 9],
  ])("has a line per configuration on %s, with every square inside", (_, width, size) => {
    const layout = layoutDense(stripRows(runs, arms), arms, labels, width);
    expect(layout?.size).toBe(size);
    expect(new Set(layout?.rows.map(({ y }) => y)).size).toBe(12);
    const squares = layout?.rows.flatMap((row) => row.squares) ?? [];
    expect(squares).toHaveLength(360);
    expect(Math.max(...squares.map(({ x }) => x)) + size).toBeLessThanOrEqual(width);
  });

  it.each([
    ["a phone", 358, [0, 1, 2, 3, 4]],
    ["a phone, long seeds", 358, [12345, 23456, 34567, 45678, 56789]],
    ["a wide page, long seeds", 900, [12345, 23456, 34567, 45678, 56789]],
    ["a wide page, eight seeds", 700, [1, 2, 3, 4, 5, 6, 7, 1000000]],
  ])("has labels of seeds that neither overlap nor leave the page on %s", (_, width, seeds) => {
    const layout = layoutDense(stripRows(runsOf(seeds), arms), arms, labels, width);
    const spans = (layout?.rows ?? []).flatMap(({ seed, seedAt }) => {
      if (!seedAt) return [];
      // Inter at 12 px with figures of one width.
      const length = 32 + 7.5 * String(seed).length;
      const from = seedAt.x - (seedAt.anchor === "middle" ? length / 2 : 0);
      return [{ from, to: from + length }];
    });
    expect(spans.length).toBeGreaterThan(0);
    expect(spans[0]?.from).toBeGreaterThanOrEqual(0);
    expect(spans.at(-1)?.to).toBeLessThanOrEqual(width);
    for (const [index, { from }] of spans.slice(1).entries())
      expect(from).toBeGreaterThanOrEqual((spans[index]?.to ?? 0) + 4);
  });
});
