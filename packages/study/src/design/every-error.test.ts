import { describe, expect, it } from "vitest";
import { exampleTrainer } from "../test-support/trainer-fixture.js";
import { checkAgainstTrainer } from "./check-against-trainer.js";
import { everyError } from "./every-error.js";

const pathsOf = (document: unknown) =>
  everyError(document, (spec) => checkAgainstTrainer(spec, [exampleTrainer])).map(({ path }) => path);

const sound = { name: "sound", trainer: "example", dataset: "wdbc", base: { epochs: 3 } };

describe("everyError", () => {
  it("has nothing to say of a sound document", () => {
    expect(pathsOf(sound)).toEqual([]);
  });

  it("names what only the trainer knows beside what the form forbids", () => {
    const document = {
      ...sound,
      name: "n".repeat(126),
      base: { lerningRate: 0.1, epochs: 3 },
      sedes: [1],
      analysisPlan: { primaryMetric: "testAcuracy", alpha: 2 },
    };
    expect(pathsOf(document).toSorted()).toEqual([
      "analysisPlan.alpha",
      "analysisPlan.primaryMetric",
      "base.lerningRate",
      "name",
      "sedes",
    ]);
  });

  it("goes on to what is told of a document of the right form only", () => {
    expect(pathsOf({ ...sound, seeds: [3, 3], tags: [""] })).toEqual(["tags.0", "seeds"]);
  });

  it("says nothing of the data set that it put in for a missing one", () => {
    expect(pathsOf({ name: "x", trainer: "example", base: { lerningRate: 1 } })).toEqual([
      "dataset",
      "base.lerningRate",
    ]);
  });

  it.each([[null], [[]], ["text"], [{ name: { deep: true } }], [{}]])(
    "ends with what the form says of %j",
    (document) => {
      expect(pathsOf(document).length).toBeGreaterThan(0);
    },
  );
});
