import { describe, expect, it } from "vitest";
import { yamlPlace } from "./yaml-place.js";

/** Where `|` stands. */
const at = (text: string) => yamlPlace(text.replace("|", ""), text.indexOf("|"));

describe("where the cursor stands", () => {
  it.each([
    ["bas|", { path: [], writes: "name", typed: "bas" }],
    ["name: x\ntrainer: tf|\n", { path: [], writes: "value", key: "trainer", typed: "tf" }],
    ["base:\n  epochs: 3\n  lea|", { path: ["base"], writes: "name", typed: "lea" }],
    ["base: { model: mlp, optim| }", { path: ["base"], writes: "name", typed: "optim" }],
    [
      "base: { model: mlp, optimizer: ad| }",
      { path: ["base"], writes: "value", key: "optimizer", typed: "ad" },
    ],
    ["base: { a: 1 }\nsear|", { path: [], writes: "name", typed: "sear" }],
    [
      "search:\n  parameters:\n    optimizer: [ad|]",
      { path: ["search", "parameters", "optimizer", "0"], writes: "value" },
    ],
    [
      "search:\n  parameters: { optimizer: [adam], lear| }",
      { path: ["search", "parameters"], writes: "name" },
    ],
    [
      "search:\n  method: list\n  configurations:\n    - opt|",
      { path: ["search", "configurations", "0"], writes: "name" },
    ],
    [
      "search:\n  configurations:\n    - { label: A }\n    - label: B\n      optimizer: s|",
      { path: ["search", "configurations", "1"], writes: "value", key: "optimizer", typed: "s" },
    ],
    [
      "analysisPlan:\n  margin:\n    testA|\nseeds: [0]",
      { path: ["analysisPlan", "margin"], writes: "name" },
    ],
  ])("%j", (text, place) => {
    expect(at(text)).toMatchObject(place);
  });

  it("is nowhere in a comment", () => {
    expect(at("name: x # of the stu|")).toBeNull();
  });
});
