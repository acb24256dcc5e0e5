import { expandSweep } from "@reprise/study";
import { describe, expect, it } from "vitest";
import { readStudy } from "./read-study.js";

describe("a study with replicates", () => {
  it.each([
    ["clip/set1", 5],
    ["clip/set2", 6],
    ["clip/set3", 6],
    ["clip/set4", 6],
  ])(
    "%s has its %i configurations with as many seeds as are asked for, the printed one first",
    async (name, configurations) => {
      const [asPrinted] = (await readStudy(name)).sweeps;
      expect(asPrinted?.spec.seeds).toEqual([0]);
      expect(expandSweep(asPrinted?.spec ?? never())).toHaveLength(configurations);
      const [study, ...others] = (await readStudy(name, { replicates: 3 })).sweeps;
      expect(others).toEqual([]);
      expect(study?.spec.seeds).toEqual([0, 1, 2]);
      expect(study?.document).toMatchObject({ seeds: [0, 1, 2] });
      expect(expandSweep(study?.spec ?? never())).toHaveLength(3 * configurations);
    },
  );

  it("of several sweeps gives them to each part, and keeps the seeds that a document names", async () => {
    const all = (await readStudy("clip/all", { replicates: 2 })).sweeps;
    expect(all.map(({ spec }) => spec.seeds)).toEqual(Array(4).fill([0, 1]));
    expect(all.flatMap(({ spec }) => expandSweep(spec))).toHaveLength(46);
    const [quickstart] = (await readStudy("quickstart", { replicates: 4 })).sweeps;
    expect(quickstart?.spec.seeds).toEqual([0, 42, 1, 2]);
  });
});

function never(): never {
  throw new Error("The study has no sweep.");
}
