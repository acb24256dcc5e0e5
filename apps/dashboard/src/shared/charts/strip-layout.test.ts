import type { StripRun } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { layoutDense, stripRows } from "./strip-layout.js";

const arms = ["det", "free"];

/** Twelve configurations, five seeds, two deterministic and four free repeats. */
const runs = Array.from({ length: 12 }, (_, configuration) =>
  Array.from({ length: 5 }, (_, seed) =>
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
const labels = new Map(
  runs.map(({ configurationKey, configurationLabel }) => [configurationKey, configurationLabel]),
);

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
});
