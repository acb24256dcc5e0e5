import { describe, expect, it } from "vitest";
import { z } from "zod";
import { armsOf, parseSweepSpec } from "../sweeps/sweep-spec.js";
import { wireNumber } from "./numbers.js";
import { fieldErrorLine } from "./problem.js";
import { parseWith } from "./validation.js";

const minimal = { name: "x", dataset: "wdbc" };

function linesFor(document: unknown): string[] {
  const parsed = parseSweepSpec(document);
  return parsed.ok ? [] : parsed.errors.map(fieldErrorLine);
}

describe("a sweep document", () => {
  it("fills in the defaults of a minimal one", () => {
    const parsed = parseSweepSpec(minimal);
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        trainer: "tfjs",
        dataset: { name: "wdbc", split: { train: 0.6 } },
        seeds: [0],
        order: "randomized-blocks",
      },
    });
  });

  it("says bounds and whole numbers in words", () => {
    expect(linesFor({ name: "", dataset: "wdbc", seeds: [-1, 2.5] })).toEqual([
      'name: must not be empty (given: "")',
      "seeds.0: must be at least 0 (given: -1)",
      "seeds.1: must be a whole number (given: 2.5)",
    ]);
    expect(linesFor({ ...minimal, seeds: [] })).toEqual(["seeds: must not be empty (given: [])"]);
  });

  it("says sizes beyond a limit, other kinds of values and what is missing in the reader's words", () => {
    const document = { name: "n".repeat(126), seeds: { a: 1 }, tags: Array(51).fill("t"), priority: "high" };
    expect(linesFor(document).map((line) => line.replace(/ \(given: .*\)$/, ""))).toEqual([
      "name: may have 120 characters; it has 126",
      "dataset: is missing",
      "seeds: must be a list",
      "priority: must be a number",
      "tags: may have 50 items; it has 51",
    ]);
  });

  it("names what is known once, however many forms of a part have it", () => {
    const [line = ""] = linesFor({ ...minimal, search: { method: "grid", parameters: {}, zzzzzzzz: 1 } });
    const known = line.match(/\w+/g) ?? [];
    expect(known).toContain("configurations");
    expect(known.filter((word) => word === "method")).toHaveLength(1);
  });

  it("asks for a number where words stand only for numbers, and for an id where a name was given", () => {
    const reported = parseWith(z.object({ value: wireNumber, id: z.uuid() }), {
      value: "a",
      id: "quickstart",
    });
    expect(reported.ok ? [] : reported.errors.map(fieldErrorLine)).toEqual([
      'value: must be a number, or one of the words NaN, Infinity, -Infinity (given: "a")',
      'id: must be an id as lists show it (a UUID), not a name (given: "quickstart")',
    ]);
  });

  it.each([
    [{ ...minimal, bse: {} }, ['bse: unknown key. Did you mean "base"?']],
    [
      { name: "x", dataset: { name: "wdbc", splt: {} } },
      ['dataset.splt: unknown key. Did you mean "split"?'],
    ],
    [
      { ...minimal, search: { method: "gird" } },
      [
        'search.method: must be one of grid, list, random, sobol, external (given: "gird"). Did you mean "grid"?',
      ],
    ],
    [
      { ...minimal, objective: { metric: "validationAuc", direction: "maximise" } },
      [
        'objective.direction: must be one of maximize, minimize (given: "maximise"). Did you mean "maximize"?',
      ],
    ],
  ])("names the nearest valid choice for %j", (document, lines) => {
    expect(linesFor(document)).toEqual(lines);
  });

  it("refuses an empty grid, a test metric as objective, NaN and a seed listed twice", () => {
    expect(
      linesFor({ ...minimal, search: { method: "grid", parameters: { learningRate: [] } } })[0],
    ).toContain("empty grid");
    expect(linesFor({ ...minimal, objective: { metric: "testAuc", direction: "maximize" } })[0]).toMatch(
      /test metric/,
    );
    expect(linesFor({ ...minimal, seeds: [Number.NaN] })[0]).toMatch(/^seeds\.0: .*NaN/);
    expect(linesFor({ ...minimal, seeds: [3, 3] })[0]).toMatch(/seed 3 is listed twice/);
  });

  it("looks no further where a document of many values first goes wrong, and names twenty faults at most", () => {
    const pathsOf = (value: unknown) => {
      const read = parseWith(z.object({ items: z.array(z.union([z.number(), z.literal("x")])) }), value);
      return read.ok ? [] : read.errors.map(({ path }) => path);
    };
    const items = (count: number) => ({ items: [1, ...Array(count).fill([])] });
    expect(pathsOf(items(3))).toEqual(["items.1", "items.2", "items.3"]);
    expect(pathsOf(items(5_000))).toHaveLength(20);
    expect(pathsOf(items(500_000))).toEqual(["items.1"]);
    const unknown = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`x${at}`, 1]));
    expect(linesFor({ ...minimal, ...unknown })).toHaveLength(20);
    const [line = ""] = linesFor({ ...minimal, ["y".repeat(1_000_000)]: Array(1_000_000).fill([]) });
    expect(line.length).toBeLessThan(1_000);
  });

  it("says of an empty name that it must not be", () => {
    expect(linesFor({ ...minimal, name: " " })).toEqual([expect.stringMatching(/^name: must not be empty/)]);
  });

  it("expands modes into the arms det and free", () => {
    const parsed = parseSweepSpec({
      ...minimal,
      modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 5 } },
    });
    if (!parsed.ok) throw new Error("refused");
    expect(armsOf(parsed.value).map((arm) => [arm.name, arm.execution.order, arm.repeats])).toEqual([
      ["det", "fixed", 2],
      ["free", "free", 5],
    ]);
  });
});
