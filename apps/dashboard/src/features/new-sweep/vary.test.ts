import type { Hyperparameter } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { type Announced, draftOf } from "./draft.js";
import { stopVarying, valuesToVary, varyShared } from "./vary.js";
import { editSpec, readSpec, writeSpec } from "./yaml-spec.js";

const of = (change: Partial<Hyperparameter>): Hyperparameter => ({
  type: "number",
  description: "",
  default: null,
  nullable: false,
  ...change,
});

describe("values to begin with", () => {
  it.each([
    [of({ exclusiveMinimum: 0 }), 0.01, [0.01, 0.003, 0.03]],
    [of({ type: "integer", minimum: 1 }), 20, [20, 10, 40]],
    [of({ type: "integer", minimum: 1 }), 1, [1, 2]],
    [of({ minimum: 0, maximum: 0.95 }), 0.8, [0.8, 0.4]],
    [of({ minimum: 0, maximum: 0.95 }), 0, [0, 0.1]],
    [of({ type: "boolean" }), true, [true, false]],
    [of({ type: "string", choices: ["adam", "sgd"] }), "sgd", ["sgd", "adam"]],
    [of({ type: "integerList" }), [64, 64], [[64, 64]]],
  ])("are the present one and its neighbours: %#", (info, value, values) => {
    expect(valuesToVary(info, value)).toEqual(values);
  });
});

describe("varying what all runs share", () => {
  const announced: Announced = {
    hyperparameters: { learningRate: of({ exclusiveMinimum: 0, default: 0.1 }) },
    metrics: [],
    datasets: [],
  };
  const edited = (
    spec: object,
    act: (
      draft: ReturnType<typeof draftOf>,
      edit: (path: readonly (string | number)[], value: unknown) => void,
    ) => void,
  ) => {
    let text = writeSpec(spec);
    act(draftOf(readSpec(text).value), (path, value) => {
      text = editSpec(text, path, value);
    });
    return draftOf(readSpec(text).value);
  };

  it("moves it into a grid and back", () => {
    const base = { learningRate: 0.01, epochs: 3 };
    const varied = edited({ name: "x", dataset: "wdbc", base }, (draft, edit) =>
      varyShared("learningRate", draft, announced, edit),
    );
    expect(varied.base).toEqual({ epochs: 3 });
    expect(varied.search).toMatchObject({ parameters: { learningRate: [0.01, 0.003, 0.03] } });
    const shared = edited(varied, (draft, edit) => stopVarying("learningRate", draft, announced, edit));
    expect(shared.base).toEqual({ epochs: 3, learningRate: 0.01 });
    expect(shared.search).toMatchObject({ parameters: {} });
  });

  it("writes it into every configuration of a list that does not set it", () => {
    const search = { method: "list", configurations: [{ label: "A" }, { label: "B", learningRate: 1 }] };
    const varied = edited(
      { name: "x", dataset: "wdbc", base: { learningRate: 0.5 }, search },
      (draft, edit) => varyShared("learningRate", draft, announced, edit),
    );
    expect(varied.base).toEqual({});
    expect(varied.search).toMatchObject({
      configurations: [
        { label: "A", learningRate: 0.5 },
        { label: "B", learningRate: 1 },
      ],
    });
  });
});
