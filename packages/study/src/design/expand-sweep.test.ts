import { parseSweepSpec, type SweepSpec } from "@reprise/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { analysisPlanDigest, specDigest } from "./digests.js";
import { configurationsOf, expandExtension, expandSweep } from "./expand-sweep.js";
import { countRuns, SweepDesignError, SweepTooLargeError } from "./sweep-design.js";

function specOf(input: unknown): SweepSpec {
  const parsed = parseSweepSpec(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.value;
}

const quick = {
  name: "q",
  dataset: "wdbc",
  base: { model: "mlp" },
  search: {
    method: "list",
    configurations: [
      { optimizer: "adam", learningRate: 0.01 },
      { optimizer: "sgd", learningRate: 0.1, momentum: 0.9 },
    ],
  },
  seeds: [0, 42],
  modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 5 } },
};

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("expected an error");
}

/** Any expandable spec of moderate size, as a document. */
const grid = fc.record({
  method: fc.constant("grid" as const),
  parameters: fc.dictionary(
    fc.constantFrom("learningRate", "optimizer", "depth", "dropout"),
    fc.oneof(
      fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 4 }),
      fc.record({
        min: fc.integer({ min: 1, max: 5 }),
        max: fc.integer({ min: 6, max: 90 }),
        scale: fc.constantFrom("linear", "log"),
        integer: fc.boolean(),
        steps: fc.integer({ min: 2, max: 6 }),
      }),
    ),
    { maxKeys: 3 },
  ),
});
const random = fc.record({
  method: fc.constant("random" as const),
  parameters: fc.constant({
    learningRate: { min: 1e-4, max: 0.1, scale: "log" },
    depth: { min: 1, max: 8, integer: true },
  }),
  samples: fc.integer({ min: 1, max: 12 }),
  seed: fc.nat(1000),
});
const document = fc.record({
  name: fc.constant("property"),
  dataset: fc.constant("wdbc"),
  base: fc.constant({ model: "mlp", batchSize: 32 }),
  search: fc.oneof(grid, random),
  seeds: fc.uniqueArray(fc.nat(99999), { minLength: 1, maxLength: 3 }),
  modes: fc.record({
    deterministic: fc.record({ repeats: fc.integer({ min: 1, max: 3 }) }),
    nondeterministic: fc.record({ repeats: fc.integer({ min: 1, max: 4 }) }),
  }),
  order: fc.constantFrom("randomized-blocks", "listed"),
  orderSeed: fc.nat(50),
});

/** The same document with the keys of every object in the opposite order. */
function withKeysReversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKeysReversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, withKeysReversed(item)]),
  );
}

describe("expandSweep", () => {
  it("gives as many runs as countRuns says, with unique keys and positions 0 … n − 1", () => {
    fc.assert(
      fc.property(document, (input) => {
        const spec = specOf(input);
        const runs = expandSweep(spec);
        expect(BigInt(runs.length)).toBe(countRuns(spec));
        expect(new Set(runs.map((run) => run.key)).size).toBe(runs.length);
        expect(runs.map((run) => run.position)).toEqual(runs.map((_, index) => index));
      }),
      { numRuns: 60 },
    );
  });

  it("does not depend on the order of keys in the document", () => {
    fc.assert(
      fc.property(document, (input) => {
        const spec = specOf(input);
        const turned = specOf(withKeysReversed(input));
        expect(expandSweep(turned)).toEqual(expandSweep(spec));
        expect(specDigest(turned)).toBe(specDigest(spec));
      }),
      { numRuns: 60 },
    );
  });

  it("puts the same runs into another order for another order seed", () => {
    const keys = (orderSeed: number) => expandSweep(specOf({ ...quick, orderSeed })).map((run) => run.key);
    expect(keys(1)).toEqual(keys(1));
    expect(keys(1)).not.toEqual(keys(2));
    expect(keys(1).toSorted()).toEqual(keys(2).toSorted());
  });

  it("keeps each block together", () => {
    const runs = expandSweep(specOf(quick));
    // Four cells (2 configurations × 2 seeds), five free repeats each.
    const free = runs.filter((run) => run.arm === "free").map((run) => run.repeat);
    expect(free).toEqual([0, 1, 2, 3, 4].flatMap((block) => Array(4).fill(block)));
  });

  it("spreads an arm with fewer repeats evenly over the blocks, and its cells over different ones", () => {
    const seeds = Array.from({ length: 40 }, (_, seed) => seed);
    const modes = { deterministic: { repeats: 2 }, nondeterministic: { repeats: 8 } };
    const runs = expandSweep(specOf({ ...quick, seeds, modes }));
    const blocksOf = new Map<string, number[]>();
    let block = 0;
    for (const run of runs) {
      if (run.arm === "free") block = run.repeat;
      const cell = `${run.configurationKey} ${run.seed}`;
      if (run.arm === "det") blocksOf.set(cell, [...(blocksOf.get(cell) ?? []), block]);
    }
    const pairs = [...blocksOf.values()];
    expect(pairs).toHaveLength(80);
    expect(new Set(pairs.map(([first]) => first)).size).toBeGreaterThanOrEqual(4);
    const meanBlock = pairs.flat().reduce((sum, value) => sum + value, 0) / 160;
    // Blocks 0 … 7: their middle is 3.5; the mean of 160 draws strays from it by less than 0.7.
    expect(Math.abs(meanBlock - 3.5)).toBeLessThan(0.7);
    for (const [first = 0, second = 0] of pairs) expect(Math.abs(second - first - 4)).toBeLessThanOrEqual(1);
  });

  it("follows the document in listed order", () => {
    const runs = expandSweep(specOf({ ...quick, order: "listed" }));
    expect(runs.slice(0, 8).map((run) => `${run.seed} ${run.arm} ${run.repeat}`)).toEqual([
      "0 det 0",
      "0 det 1",
      "0 free 0",
      "0 free 1",
      "0 free 2",
      "0 free 3",
      "0 free 4",
      "42 det 0",
    ]);
    expect(runs[0]).toMatchObject({ mode: "deterministic", execution: { order: "fixed" } });
    expect(runs[2]).toMatchObject({ mode: "nondeterministic", execution: { order: "free" } });
  });

  it("gives known keys (computed elsewhere), so that stored sweeps stay valid", () => {
    const [run] = expandSweep(specOf({ ...quick, order: "listed" }));
    expect(run).toMatchObject({
      configurationKey: "1ea3ada259b274c1",
      key: "5d90455bce80a1ea0d63d399ee5d28b3",
    });
  });

  it("names configurations by what varies between them", () => {
    const labels = (search: unknown, base: unknown = {}) =>
      configurationsOf(specOf({ ...quick, base, search })).map(({ label }) => label);
    expect(labels(quick.search)).toEqual(["adam · lr 0.01", "sgd · lr 0.1 · momentum 0.9"]);
    expect(
      labels({
        method: "grid",
        parameters: { batchNorm: [true, false], learningRate: [0.1], dropout: [0, null] },
      }),
    ).toEqual(["BN on · dropout 0", "BN on · dropout unset", "BN off · dropout 0", "BN off · dropout unset"]);
    expect(labels({ method: "grid" }, { optimizer: "adam", learningRate: 0.05 })).toEqual(["adam · lr 0.05"]);
    expect(labels({ method: "grid" })).toEqual(["one configuration"]);
    expect(
      labels({ method: "list", configurations: [{ label: "R1", learningRate: 1 }, { learningRate: 2 }] }),
    ).toEqual(["R1", "lr 2"]);
    // Four digits are not enough to tell these apart.
    expect(labels({ method: "grid", parameters: { learningRate: [0.10001, 0.10002] } })).toEqual([
      "learningRate 0.10001",
      "learningRate 0.10002",
    ]);
    expect(labels({ method: "list", configurations: [{ a: "x" }, { b: "x" }] })).toEqual(["a x", "b x"]);
  });

  it("leaves the label out of the configuration", () => {
    const [first] = configurationsOf(
      specOf({ ...quick, base: {}, search: { method: "list", configurations: [{ label: "R1", a: 1 }] } }),
    );
    expect(first?.params).toEqual({ a: 1 });
  });

  it("lists ranges with both ends, without binary dust", () => {
    const values = (parameter: unknown) =>
      configurationsOf(specOf({ ...quick, search: { method: "grid", parameters: { x: parameter } } })).map(
        ({ params }) => params.x,
      );
    expect(values({ min: 0.1, max: 0.5, steps: 5 })).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(values({ min: 1e-4, max: 0.1, scale: "log", steps: 4 })).toEqual([0.0001, 0.001, 0.01, 0.1]);
    expect(values({ min: 2, max: 5, integer: true })).toEqual([2, 3, 4, 5]);
    expect(values({ min: 1, max: 3, integer: true, steps: 9 })).toEqual([1, 2, 3]);
  });

  it("draws random configurations that stay when another parameter or sample is added", () => {
    const draw = (samples: number, more: object = {}) =>
      configurationsOf(
        specOf({
          ...quick,
          search: {
            method: "random",
            samples,
            seed: 7,
            parameters: {
              learningRate: { min: 1e-4, max: 1, scale: "log" },
              optimizer: ["adam", "sgd"],
              ...more,
            },
          },
        }),
      ).map(({ params }) => params.learningRate);
    expect(draw(5)).toEqual(draw(8).slice(0, 5));
    expect(draw(5, { depth: { min: 1, max: 9, integer: true } })).toEqual(draw(5));
    for (const value of draw(300)) {
      expect(value).toBeGreaterThanOrEqual(1e-4);
      expect(value).toBeLessThanOrEqual(1);
    }
    // Log-uniform over four decades: about half of the draws lie below the geometric middle.
    const below = draw(300).filter((value) => typeof value === "number" && value < 0.01).length;
    expect(below).toBeGreaterThan(120);
    expect(below).toBeLessThan(180);
  });

  it("draws every whole number of a range about equally often", () => {
    const spec = specOf({
      ...quick,
      search: {
        method: "random",
        samples: 900,
        parameters: { depth: { min: 1, max: 3, integer: true }, x: { min: 0, max: 1 } },
      },
    });
    const depths = configurationsOf(spec).map(({ params }) => params.depth);
    for (const depth of [1, 2, 3]) {
      expect(depths.filter((value) => value === depth).length).toBeGreaterThan(240);
    }
  });

  it("refuses a grid of 10^9 runs with the exact count, at once", () => {
    const thousand = { min: 0, max: 1, steps: 1000 };
    const spec = specOf({
      ...quick,
      search: { method: "grid", parameters: { a: thousand, b: thousand, c: thousand } },
      seeds: [0],
      modes: { deterministic: { repeats: 1 } },
    });
    expect(countRuns(spec)).toBe(1_000_000_000n);
    const error = errorOf(() => expandSweep(spec));
    expect(error).toBeInstanceOf(SweepTooLargeError);
    expect(error).toMatchObject({ count: 1_000_000_000n, limit: 20_000 });
    expect(String(error)).toContain("1,000,000,000 runs; at most 20,000");
  });

  it("expands the largest allowed sweep", () => {
    const runs = expandSweep(
      specOf({
        ...quick,
        seeds: Array.from({ length: 1000 }, (_, i) => i),
        modes: { nondeterministic: { repeats: 10 } },
      }),
    );
    expect(runs).toHaveLength(20_000);
  });

  it.each([
    [{ method: "grid", parameters: { a: [1, 1] } }, "search.parameters.a.1", "listed twice"],
    [
      { method: "grid", parameters: { a: { min: 0, max: 1 } } },
      "search.parameters.a.steps",
      "how many values",
    ],
    [
      { method: "grid", parameters: { a: { min: 0, max: 5000, integer: true } } },
      "search.parameters.a.steps",
      "steps",
    ],
    [
      { method: "grid", parameters: { a: { min: 0.2, max: 0.8, integer: true } } },
      "search.parameters.a",
      "no whole",
    ],
    [
      { method: "list", configurations: [{ a: 1 }, { a: 1 }] },
      "search.configurations.1",
      "same as configuration 0",
    ],
    [
      {
        method: "list",
        configurations: [
          { label: "R", a: 1 },
          { label: "R", a: 2 },
        ],
      },
      "search.configurations.1.label",
      "has this label",
    ],
    [{ method: "random", samples: 5, parameters: { a: [1, 2] } }, "search.samples", "only 2 different"],
  ])("refuses %j and names the field", (search, path, message) => {
    const error = errorOf(() => expandSweep(specOf({ ...quick, search })));
    expect(error).toBeInstanceOf(SweepDesignError);
    expect(error).toMatchObject({ errors: [{ path, message: expect.stringContaining(message) }] });
  });

  it("adds only what an extended sweep lacks, after what is there", () => {
    const before = expandSweep(specOf(quick));
    const extended = specOf({ ...quick, seeds: [0, 42, 7] });
    const added = expandExtension(extended, new Set(before.map((run) => run.key)), before.length);
    expect(added).toHaveLength(14);
    expect(added.every((run) => run.seed === 7)).toBe(true);
    expect(added.map((run) => run.position)).toEqual(Array.from({ length: 14 }, (_, i) => 28 + i));
  });
});

describe("digests", () => {
  it("tells an analysis plan that changed, and has none without a plan", () => {
    const plan = (margin: number) =>
      analysisPlanDigest(
        specOf({ ...quick, analysisPlan: { primaryMetric: "testAuc", margin: { testAuc: margin } } }),
      );
    expect(plan(0.01)).toMatch(/^[0-9a-f]{64}$/);
    expect(plan(0.01)).not.toBe(plan(0.02));
    expect(analysisPlanDigest(specOf(quick))).toBeNull();
  });
});
