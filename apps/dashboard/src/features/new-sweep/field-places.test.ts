import { describe, expect, it } from "vitest";
import { blankSpec, draftOf } from "./draft.js";
import { errorsByPlace } from "./field-places.js";

const placesOf = (spec: object, ...paths: string[]) => {
  const errors = paths.map((path) => ({ path, message: "is wrong" }));
  const found = errorsByPlace(errors, draftOf({ ...blankSpec, ...spec }));
  return Object.fromEntries([...found].map(([place, own]) => [place, own.map(({ path }) => path)]));
};

describe("the field that a mistake stands at", () => {
  it("is the one whose value it is in, also deep within", () => {
    expect(placesOf({}, "dataset.name", "seeds.0", "seeds.1", "base.epochs", "analysisPlan.margin")).toEqual({
      dataset: ["dataset.name"],
      seeds: ["seeds.0", "seeds.1"],
      "base.epochs": ["base.epochs"],
      "analysisPlan.margin": ["analysisPlan.margin"],
    });
  });

  it("is one per configuration of a list, per list of values and per bound of a range", () => {
    const configurations = [{ optimizer: "adam" }, { optimizer: "sgd", learningRate: 1 }];
    expect(
      placesOf({ search: { method: "list", configurations } }, "search.configurations.1.learningRate"),
    ).toEqual({
      "search.configurations.1.learningRate": ["search.configurations.1.learningRate"],
    });
    const parameters = { momentum: { min: 0, max: 1, steps: 2 }, optimizer: ["adam"] };
    expect(
      placesOf(
        { search: { method: "grid", parameters } },
        "search.parameters.momentum.max",
        "search.parameters.optimizer.0",
      ),
    ).toEqual({
      "search.parameters.momentum.max": ["search.parameters.momentum.max"],
      "search.parameters.optimizer": ["search.parameters.optimizer.0"],
    });
  });

  it("is none for what the form has no field for", () => {
    expect(placesOf({}, "resources.threads", "search.configurations.0.optimizer", "baseline")).toEqual({
      "": ["resources.threads", "search.configurations.0.optimizer", "baseline"],
    });
  });
});
