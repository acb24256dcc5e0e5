import { describe, expect, it } from "vitest";
import { parameterRows, parameterText } from "./parameters.js";

describe("a hyperparameter's value", () => {
  it.each([
    [0.001, "0.001"],
    ["0.001", '"0.001"'],
    [true, "true"],
    ["true", '"true"'],
    ["adam", "adam"],
    ["adam ", '"adam "'],
    ["", '""'],
    [null, "null"],
    [[1, "1", true, null], '[1, "1", true, null]'],
  ])("%j stands as in YAML, so that a text is told from a number", (value, text) => {
    expect(parameterText(value)).toBe(text);
  });
});

describe("requested beside used", () => {
  it("differs where types do, and not where null was requested: that is unset", () => {
    const rows = parameterRows(
      { lr: "0.001", optimizer: null, clipNorm: null, epochs: 3 },
      { lr: 0.001, optimizer: "adam", clipNorm: null, epochs: 3, depth: 2 },
    );
    expect(Object.fromEntries(rows.map(({ name, state }) => [name, state]))).toEqual({
      ...{ lr: "differs", optimizer: "default", clipNorm: "same", epochs: "same", depth: "default" },
    });
  });
});
