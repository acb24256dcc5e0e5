import { datasetInfo, type Hyperparameter, type MetricInfo } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { type Announced, draftOf } from "./draft.js";
import { choicesFor, datasetsFor, hyperparametersFor, metricsFor } from "./offers.js";

const rule = (change: Partial<Hyperparameter>): Hyperparameter => ({
  type: "string",
  description: "",
  default: null,
  nullable: false,
  ...change,
});
const metric = (key: string, change: Partial<MetricInfo> = {}): MetricInfo => ({
  ...{ key, label: key, direction: "maximize", unit: "fraction", split: "test" },
  ...change,
});
const announced: Announced = {
  hyperparameters: {
    model: rule({
      choices: ["mlp", "cnn", "clip"],
      default: "mlp",
      fits: [{ values: ["mlp"], data: "table" }],
    }),
    optimizer: rule({ choices: ["adam", "sgd"], default: "adam" }),
    momentum: rule({ type: "number", default: 0, usedWhen: { optimizer: ["sgd"] } }),
    crop: rule({ type: "integer", default: 0, fits: [{ values: [0], data: "table" }] }),
    temperature: rule({ type: "number", usedWhen: { task: ["contrastive"] } }),
  },
  metrics: [
    metric("validationLoss", { split: "validation" }),
    metric("trainLoss", { split: "train" }),
    metric("testAccuracy", { tasks: ["classification"] }),
    metric("testSensitivity", { binaryOnly: true }),
    metric("recallAt1", { tasks: ["contrastive"] }),
  ],
  datasets: ["table", "pictures"],
};
const set = (name: string, inputShape: number[], change: object = {}) =>
  datasetInfo.parse({
    ...{
      name,
      title: name,
      description: "",
      citation: "",
      license: "",
      available: true,
      hint: null,
      cases: 9,
    },
    ...{ inputShape, classes: ["a", "b"], positiveClass: 1, digest: null },
    defaultSplit: { train: 0.6, validation: 0.2, test: 0.2 },
    ...change,
  });
const table = set("table", [30]);
const pictures = set("pictures", [8, 8, 1], { positiveClass: null, classes: ["a", "b", "c"] });
const draft = draftOf({ name: "x", dataset: "table" });
const reasons = (offers: readonly { value: string; why: string | null }[]) =>
  Object.fromEntries(offers.map(({ value, why }) => [value, why]));

describe("what menus offer", () => {
  it("is hyperparameters that the task and the data have a use for", () => {
    const names = Object.keys(announced.hyperparameters);
    expect(reasons(hyperparametersFor(names, draft, announced, table))).toEqual({
      model: "not for a table of numbers",
      optimizer: null,
      momentum: "used only with optimizer sgd",
      crop: "not for a table of numbers",
      temperature: "used only with task contrastive",
    });
    expect(reasons(hyperparametersFor(["model", "crop"], draft, announced, pictures))).toEqual({
      model: null,
      crop: null,
    });
  });

  it("is choices that fit", () => {
    expect(choicesFor("model", draft, announced, table)).toEqual(["mlp"]);
    expect(choicesFor("model", draft, announced, pictures)).toEqual(["mlp", "cnn", "clip"]);
    expect(choicesFor("momentum", draft, announced, table)).toBeUndefined();
  });

  it("is metrics that the task reports and the classes allow, those of tests first", () => {
    expect(reasons(metricsFor(draft, announced, table))).toEqual({
      testAccuracy: null,
      testSensitivity: null,
      recallAt1: "not reported by task classification",
      validationLoss: null,
    });
    expect(metricsFor(draft, announced, table)[0]?.value).toBe("testAccuracy");
    expect(reasons(metricsFor(draft, announced, pictures)).testSensitivity).toBe(
      "pictures has no positive class",
    );
  });

  it("is data sets that the trainer knows and a worker has", () => {
    const all = [table, set("pictures", [8, 8, 1], { available: false }), set("other", [3])];
    expect(reasons(datasetsFor(announced, all, "example"))).toEqual({
      table: null,
      pictures: "not on any worker",
      other: "trainer example does not know it",
    });
  });
});
