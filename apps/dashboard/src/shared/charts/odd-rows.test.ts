import type { StripRun } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { oddRows } from "./odd-rows.js";
import { layoutDense, stripRows } from "./strip-layout.js";

type Change = Partial<Pick<StripRun, "digest" | "status" | "departures" | "diverged">>;

/** Twelve configurations × five seeds × (two det, four free): det rows alike, free runs each for itself, unless `change` says otherwise. */
function study(
  change: (at: { c: number; seed: number; arm: string; repeat: number }) => Change = () => ({}),
) {
  const runs: StripRun[] = [];
  for (let c = 0; c < 12; c++)
    for (let seed = 0; seed < 5; seed++)
      for (const [arm, repeats] of [
        ["det", 2],
        ["free", 4],
      ] as const)
        for (let repeat = 0; repeat < repeats; repeat++)
          runs.push({
            ...{
              id: `${c} ${seed} ${arm} ${repeat}`,
              configurationKey: `c${c}`,
              configurationLabel: `C${c}`,
            },
            ...{ seed, arm, repeat, status: "succeeded", excluded: false, departures: 0, diverged: null },
            digest: arm === "det" ? `det ${c} ${seed}` : `free ${c} ${seed} ${repeat}`,
            ...change({ c, seed, arm, repeat }),
          });
  return runs;
}

const arms = ["det", "free"];

describe("odd rows", () => {
  it("are none where all rows follow one rule", () => {
    expect(oddRows(stripRows(study(), arms), arms).size).toBe(0);
  });

  it("are found among sixty, with what sets them apart", () => {
    const runs = study(({ c, seed, arm, repeat }) => {
      if (c === 7 && seed === 3 && arm === "det" && repeat === 1) return { digest: "another" };
      if (c === 2 && seed === 0 && arm === "free") return { digest: "the same" };
      if (c === 4 && seed === 1 && arm === "free" && repeat === 0) return { status: "failed", digest: null };
      return {};
    });
    expect([...oddRows(stripRows(runs, arms), arms)]).toEqual([
      ["c2 0", "free all equal, elsewhere all different"],
      ["c4 1", "1 failed"],
      ["c7 3", "det all different, elsewhere all equal"],
    ]);
  });

  it("have no rule among a few rows, or where rows are of many kinds", () => {
    const few = stripRows(study(), arms).slice(0, 3);
    expect(oddRows(few, arms).size).toBe(0);
    const half = study(({ seed, arm }) => (arm === "free" && seed < 3 ? { digest: "same" } : {}));
    expect(oddRows(stripRows(half, arms), arms).size).toBe(0);
  });
});

describe("a dense strip", () => {
  const rows = stripRows(study(), arms);
  const labels = new Map(rows.map(({ configurationKey }) => [configurationKey, configurationKey]));

  it("has all 360 runs of a 12 × 5 × 6 study in one screen, none over another", () => {
    const layout = layoutDense(rows, arms, labels, 1100);
    const squares = layout?.rows.flatMap((row) => row.squares) ?? [];
    expect(squares).toHaveLength(360);
    expect(layout?.height).toBeLessThan(420);
    expect(layout?.size).toBeGreaterThanOrEqual(10);
    const places = new Set(squares.map(({ x, y }) => `${Math.round(x)} ${Math.round(y)}`));
    expect(places.size).toBe(360);
    expect(Math.max(...squares.map(({ x }) => x)) + (layout?.size ?? 0)).toBeLessThanOrEqual(1100);
    expect(layout?.rows.filter(({ heading }) => heading !== null)).toHaveLength(12);
  });

  it("is none where squares would be too small, or seeds differ between configurations", () => {
    expect(layoutDense(rows, arms, labels, 260)).toBeNull();
    expect(layoutDense(rows.slice(1), arms, labels, 1100)).toBeNull();
  });
});
