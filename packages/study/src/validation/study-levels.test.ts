import { describe, expect, it } from "vitest";
import { studyLevels } from "./study-levels.js";
import { worlds } from "./worlds.js";

/** A small sample with a fixed seed; `npx pnpm validate` simulates thousands. */
describe("studies in which there is nothing to find", () => {
  it("hold their level and cover where repeats are log-normal, and normal theory does not", () => {
    const world = worlds.find(({ name }) => name === "skewed: log-normal");
    if (!world) throw new Error("no such world");
    const row = studyLevels(world, { seeds: 3, repeats: 5, studies: 120 });
    expect(row.alarm).toBeLessThan(0.09);
    expect(row.normalTheory).toBeGreaterThan(row.alarm);
    for (const covered of Object.values(row.covered))
      if (covered !== null) expect(covered).toBeGreaterThan(0.89);
  });
});
