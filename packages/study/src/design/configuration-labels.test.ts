import type { Parameters } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { configurationLabels, labelsOf } from "./configuration-labels.js";

const long = (end: string) => `/scratch/${"experiments/".repeat(12)}${end}`;

describe("labels of configurations", () => {
  it.each<[string, Parameters[], string[]]>([
    [
      "what varies",
      [
        { learningRate: 0.1, epochs: 3 },
        { learningRate: 0.2, epochs: 3 },
      ],
      ["lr 0.1", "lr 0.2"],
    ],
    ["what only some set", [{}, { epochs: 3 }], ["epochs unset", "epochs 3"]],
    ["digits that four would hide", [{ a: 0.123456 }, { a: 0.123457 }], ["a 0.123456", "a 0.123457"]],
    ["numbers beside texts", [{ a: 1 }, { a: "1" }], ["a 1", 'a "1"']],
    ["lists beside what they look like", [{ a: [1, 2] }, { a: "1-2" }], ["a [1,2]", 'a "1-2"']],
    ["spaces that nobody sees", [{ a: "x" }, { a: "x " }], ['a "x"', 'a "x "']],
    ["null beside nothing", [{ a: null }, {}], ["a null", "a left out"]],
    ["one alone", [{ a: 1 }], ["one configuration"]],
  ])("name %s", (_, configurations, labels) => {
    expect(configurationLabels(configurations)).toEqual(labels);
  });

  it("fit into sentences, and still tell configurations apart", () => {
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`parameter${index}`, "x".repeat(100)]),
    );
    const cases: Parameters[][] = [
      [{ data: long("one") }, { data: long("two") }],
      [
        { data: `${long("")}${"a".repeat(80)}1${"b".repeat(80)}` },
        { data: `${long("")}${"a".repeat(80)}2${"b".repeat(80)}` },
      ],
      [many, Object.fromEntries(Object.entries(many).map(([name]) => [name, "y".repeat(100)])), {}],
      [{ ["n".repeat(200)]: 1 }, { ["n".repeat(200)]: 2 }],
    ];
    for (const configurations of cases) {
      const labels = configurationLabels(configurations);
      expect(new Set(labels).size).toBe(configurations.length);
      for (const label of labels) expect([...label].length).toBeLessThanOrEqual(64);
    }
  });

  it("keep what was given, and never take it for another", () => {
    expect(configurationLabels([{ a: 1 }, { a: 2 }, { a: 3 }], ["a 2"])).toEqual([
      "a 2",
      expect.stringMatching(/^a 2 \([0-9a-f]{6}\)$/),
      expect.stringMatching(/^a 3 \(/),
    ]);
  });

  it("are made anew from all configurations there are, in whatever order they came", () => {
    const run = (key: string, a: number, label = "old", labelGiven = false) => ({
      ...{ configurationKey: key, configurationLabel: label, labelGiven },
      params: { a, b: 1 },
    });
    const runs = [run("x", 1), run("x", 1, "mine", true), run("y", 2), run("z", 3)];
    expect([...labelsOf(runs)]).toEqual([
      ["x", { label: "mine", given: true }],
      ["y", { label: "a 2", given: false }],
      ["z", { label: "a 3", given: false }],
    ]);
  });
});
