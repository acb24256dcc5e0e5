import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fieldErrorLine } from "../basics/problem.js";
import { furtherSeeds, seedsOfText, seedText } from "./seed-text.js";
import { parseSweepSpec } from "./sweep-spec.js";

describe("seeds as text", () => {
  it.each([
    ["0-4", [0, 1, 2, 3, 4]],
    ["0..4", [0, 1, 2, 3, 4]],
    ["0 – 2", [0, 1, 2]],
    ["0 1 2", [0, 1, 2]],
    ["0, 1, 2", [0, 1, 2]],
    ["[0, 1, 2]", [0, 1, 2]],
    ["0-2, 42; 7", [0, 1, 2, 42, 7]],
    ["  ", []],
  ])("reads %j", (text, seeds) => {
    expect(seedsOfText(text)).toEqual({ seeds });
  });

  it.each([
    ["1.5", /"1\.5" is not a seed/],
    ["-1", /"-1" is not a seed/],
    ["0, one", /"one" is not a seed/],
    ["4-0", /runs backwards: write 0-4/],
    ["0-10000", /10001 seeds: a study may have at most 10000/],
    ["9007199254740993", /too large/],
  ])("says what is wrong with %j", (text, problem) => {
    expect(seedsOfText(text)).toEqual({ problem: expect.stringMatching(problem) });
  });

  it("reads what it writes, whatever the seeds", () => {
    expect(seedText([0, 1, 2, 3, 42, 7, 8])).toBe("0-3, 42, 7, 8");
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 60 }), { minLength: 1 }), (seeds) => {
        expect(seedsOfText(seedText(seeds))).toEqual({ seeds });
      }),
    );
  });

  it("goes on after the largest", () => {
    expect(furtherSeeds([42, 0], 3)).toEqual([43, 44, 45]);
    expect(furtherSeeds([], 2)).toEqual([0, 1]);
  });

  it("is taken by a document, with what is wrong at its place", () => {
    const read = (seeds: unknown) => {
      const parsed = parseSweepSpec({ name: "x", dataset: "wdbc", seeds });
      return parsed.ok ? parsed.value.seeds : parsed.errors.map(fieldErrorLine);
    };
    expect([read("0-2"), read("3 5"), read(7), read([1, 2])]).toEqual([[0, 1, 2], [3, 5], [7], [1, 2]]);
    expect(read("0-2, x")).toEqual([expect.stringMatching(/^seeds: "x" is not a seed/)]);
    expect(read("0-2, 1")).toEqual([expect.stringMatching(/^seeds: seed 1 is listed twice/)]);
    expect(read(-1)).toEqual(["seeds: must be at least 0 (given: -1)"]);
    expect(read("")).toEqual([expect.stringMatching(/^seeds: must not be empty/)]);
  });
});
