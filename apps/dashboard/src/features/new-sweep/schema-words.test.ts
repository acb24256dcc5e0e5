import { announcedTrainer } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { documentSchema } from "./document-schema.js";
import { offersAt, wordsAt } from "./schema-words.js";
import { yamlPlace } from "./yaml-place.js";
import { namesAt } from "./yaml-spec.js";

const rule = { description: "", default: null };
const trainer = announcedTrainer.parse({
  workers: ["lab"],
  capabilities: {
    name: "example",
    version: "1",
    description: "",
    tasks: ["classification"],
    backends: ["cpu"],
    deviceClass: "cpu",
    summationOrders: ["fixed", "free"],
    hyperparameters: {
      optimizer: {
        ...rule,
        type: "string",
        description: "How weights are moved.",
        default: "adam",
        choices: ["adam", "sgd"],
      },
      learningRate: {
        ...rule,
        type: "number",
        description: "Length of a step.",
        default: 0.01,
        exclusiveMinimum: 0,
      },
    },
    metrics: [
      { key: "testAccuracy", label: "test accuracy", direction: "maximize", unit: "fraction", split: "test" },
    ],
    datasets: [],
    replay: false,
    resume: false,
    nondeterminismSource: null,
  },
});
const schema = documentSchema("example", [trainer], []);

const offered = (text: string) => {
  const plain = text.replace("|", "");
  const place = yamlPlace(plain, text.indexOf("|"));
  return place ? offersAt(schema, place, namesAt(plain, place.path)).map(({ label }) => label) : [];
};

describe("what may stand at the cursor", () => {
  it("is fields of a study that it has not yet", () => {
    const top = offered("name: x\nsee|");
    expect(top).toEqual(expect.arrayContaining(["seeds", "analysisPlan", "base"]));
    expect(top).not.toContain("name");
    expect(offered("analysisPlan: { pri| }")).toEqual(
      expect.arrayContaining(["primaryMetric", "margin", "alpha"]),
    );
  });

  it("is what the chosen trainer announces", () => {
    expect(offered("base: { optimizer: adam, l| }")).toEqual(["learningRate"]);
    expect(offered("base:\n  optimizer: |")).toEqual(["adam", "sgd"]);
    expect(offered("search: { method: grid, parameters: { optimizer: [|] } }")).toEqual(["adam", "sgd"]);
    expect(offered("search:\n  configurations:\n    - |")).toEqual(["label", "optimizer", "learningRate"]);
    expect(offered("analysisPlan:\n  primaryMetric: |")).toEqual(["testAccuracy"]);
    expect(offered("trainer: |")).toEqual(["example"]);
  });

  it("is values that the schema names", () => {
    expect(offered("order: |")).toEqual(["randomized-blocks", "listed"]);
    expect(offered("search: { method: | }")).toEqual(["grid", "list", "random", "sobol", "external"]);
  });
});

describe("what is said of a name", () => {
  it("is its description, what it takes and its default", () => {
    expect(wordsAt(schema, ["base", "optimizer"])?.words).toEqual([
      "How weights are moved.",
      "One of adam, sgd.",
      "Default: adam.",
    ]);
    expect(wordsAt(schema, ["base", "learningRate"])?.words).toEqual([
      "Length of a step. A number above 0.",
      "Default: 0.01.",
    ]);
    expect(wordsAt(schema, ["analysisPlan"])?.words[0]).toMatch(/^What will be tested/);
    expect(wordsAt(schema, ["nothing"])).toBeNull();
  });
});
