import { parseSweepSpec } from "@reprise/contracts";
import { expect, it } from "vitest";
import { suggestionsOf } from "./suggestions.js";

const groupsBy = (field: string, names: string[], runs = 4) => ({
  groups: names.map((name) => ({ by: { [field]: name }, n: runs, cells: 2 })),
});

function suggested(search: object, arms = ["free"]) {
  const spec = parseSweepSpec({ name: "study", dataset: "wdbc", search });
  if (!spec.ok) throw new Error("bad spec");
  return suggestionsOf(
    { spec: spec.value },
    groupsBy("configurationLabel", ["it's a", "b"]),
    groupsBy("arm", arms),
  );
}

it("offers what a grid varies, quoted for the filter, and leaves out what has one group", () => {
  const names = suggested({
    method: "grid",
    parameters: { optimizer: ["adam", "sgd"], batchNorm: [true, false], hiddenUnits: [[64], [128]] },
  });
  expect(names).toEqual([
    {
      name: "configurations",
      arm: null,
      groups: [
        { name: "it's a", filter: "configurationLabel = 'it''s a'" },
        { name: "b", filter: "configurationLabel = 'b'" },
      ],
    },
    {
      name: "optimizer",
      arm: null,
      groups: [
        { name: "optimizer adam", filter: "params.optimizer = 'adam'" },
        { name: "optimizer sgd", filter: "params.optimizer = 'sgd'" },
      ],
    },
    {
      name: "batchNorm",
      arm: null,
      groups: [
        { name: "batchNorm true", filter: "params.batchNorm = true" },
        { name: "batchNorm false", filter: "params.batchNorm = false" },
      ],
    },
  ]);
});

it("offers what listed configurations differ in, but not what only some of them set", () => {
  const names = suggested({
    method: "list",
    configurations: [
      { label: "A", learningRate: 0.01, momentum: 0.9 },
      { label: "B", learningRate: 0.1 },
    ],
  }).map(({ name }) => name);
  expect(names).toEqual(["configurations", "learningRate"]);
});

it("compares configurations and settings within the arm that the analyses take, and names it in the filter", () => {
  const search = { method: "grid", parameters: { optimizer: ["adam", "sgd"] } };
  const all = suggested(search, ["det", "free"]);
  expect(all.map(({ name, arm }) => [name, arm])).toEqual([
    ["configurations", "free"],
    ["arms", null],
    ["optimizer", "free"],
  ]);
  expect(all[0]?.groups[1]?.filter).toBe("configurationLabel = 'b' and arm = 'free'");
  expect(all[2]?.groups[0]?.filter).toBe("params.optimizer = 'adam' and arm = 'free'");
});
