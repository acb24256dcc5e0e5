import { describe, expect, it } from "vitest";
import { blankSpec, draftOf, type Edit } from "./draft.js";
import { unknownHyperparameters, withoutHyperparameters } from "./unknown-hyperparameters.js";
import { editSpec, readSpec, writeSpec } from "./yaml-spec.js";

const announced = {
  hyperparameters: Object.fromEntries(
    ["epochs", "learningRate", "lookup"].map((name) => [
      name,
      { type: "any" as const, description: "", default: null, nullable: false },
    ]),
  ),
  metrics: [],
  datasets: null,
};

/** What is unknown in the blank study with this search, and the document without it. */
function removed(search: object) {
  let text = writeSpec({ ...blankSpec, search });
  const draft = draftOf(readSpec(text).value);
  const names = unknownHyperparameters(draft, announced);
  const edit: Edit = (path, value) => {
    text = editSpec(text, path, value);
  };
  withoutHyperparameters(draft, names, edit);
  return { names, left: draftOf(readSpec(text).value) };
}

describe("hyperparameters that another trainer does not have", () => {
  it("are named and taken out wherever they stand", () => {
    const { names, left } = removed({
      method: "grid",
      parameters: { optimizer: ["adam", "sgd"], lookup: ["index", "embedding"] },
    });
    expect(names).toEqual(["batchSize", "optimizer"]);
    expect(left.base).toEqual({ epochs: 20, learningRate: 0.01 });
    expect(left.search).toMatchObject({ method: "grid", parameters: { lookup: ["index", "embedding"] } });
    expect(unknownHyperparameters(left, announced)).toEqual([]);
  });

  it("leave the configurations of a list that still say something", () => {
    const { names, left } = removed({
      method: "list",
      configurations: [
        { label: "A", optimizer: "adam", lookup: "index" },
        { label: "B", optimizer: "sgd" },
      ],
    });
    expect(names).toEqual(["batchSize", "optimizer"]);
    expect(left.search).toMatchObject({ configurations: [{ label: "A", lookup: "index" }] });
  });

  it("are none where nobody has announced the trainer", () => {
    const nothing = { ...announced, hyperparameters: {} };
    expect(unknownHyperparameters(draftOf(blankSpec), nothing)).toEqual([]);
  });
});
