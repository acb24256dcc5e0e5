import { describe, expect, it } from "vitest";
import { parseSweepSpec } from "../sweeps/sweep-spec.js";
import { givenParameters } from "./given-parameters.js";

const minimal = { name: "x", dataset: "wdbc" };
const faultsOf = (given: unknown) =>
  givenParameters.safeParse(given).error?.issues.map(({ path, message }) => [path.join("."), message]);

describe("hyperparameters as they are given", () => {
  it("have one name each, whatever they were nested in", () => {
    expect(
      givenParameters.parse({
        optimizer: { name: "adam", betas: [0.9, 0.999], schedule: { warmup: { steps: 3 } } },
        frozen: [true, false, null],
        kernel: [
          [1, 2],
          [3, 4],
        ],
        layers: [{ units: 64 }, 32],
        empty: [],
        extra: {},
      }),
    ).toEqual({
      "optimizer.name": "adam",
      "optimizer.betas": [0.9, 0.999],
      "optimizer.schedule.warmup.steps": 3,
      frozen: [true, false, null],
      "kernel.0": [1, 2],
      "kernel.1": [3, 4],
      "layers.0.units": 64,
      "layers.1": 32,
      empty: [],
      extra: null,
    });
  });

  it("stay as they are once they are flat", () => {
    const flat = { "a.b": 1, "c.0": [true], d: null };
    expect(givenParameters.parse(givenParameters.parse(flat))).toEqual(flat);
  });

  it("are refused where a name is given twice, in either order, and where they are no values", () => {
    const twice = "is given twice: a.b is another way to write it";
    expect(faultsOf({ "a.b": 1, a: { b: 1 } })).toEqual([["a.b", twice]]);
    expect(faultsOf({ a: { b: 1 }, "a.b": 1 })).toEqual([["a.b", twice]]);
    expect(faultsOf({ a: Number.NaN })).toHaveLength(1);
    expect(faultsOf([1])).toHaveLength(1);
  });

  it("do not exhaust the stack", () => {
    const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`);
    expect(faultsOf(deep)?.[0]?.[1]).toMatch(/nested more than 16 levels deep/);
  });
});

describe("a search over nested hyperparameters", () => {
  const searchOf = (parameters: unknown) => {
    const parsed = parseSweepSpec({ ...minimal, search: { method: "grid", parameters } });
    return parsed.ok ? parsed.value.search : parsed.errors;
  };

  it("takes groups of lists and of ranges", () => {
    expect(searchOf({ optimizer: { name: ["adam"], lr: { min: 0.1, max: 1, steps: 2 } } })).toMatchObject({
      parameters: { "optimizer.name": ["adam"], "optimizer.lr": { min: 0.1, max: 1 } },
    });
  });

  it("still says what is wrong with a range", () => {
    expect(searchOf({ learningRate: { min: 0.1, maxx: 1 } })).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          path: "search.parameters.learningRate.maxx",
          suggestion: 'Did you mean "max"?',
        }),
      ]),
    );
  });

  it("takes configurations that are written out nested, with their labels", () => {
    const search = { method: "list", configurations: [{ label: "R1", optimizer: { name: "sgd" } }] };
    expect(parseSweepSpec({ ...minimal, search })).toMatchObject({
      value: { search: { configurations: [{ label: "R1", "optimizer.name": "sgd" }] } },
    });
  });
});
