import type { Parameters, ParameterValue } from "@reprise/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configurationLabels, labelIn, labelsOf } from "./configuration-labels.js";
import { configurationKey } from "./digests.js";

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
    expect([...labelsOf(runs).labels]).toEqual([
      ["x", { label: "mine", given: true }],
      ["y", { label: "a 2", given: false }],
      ["z", { label: "a 3", given: false }],
    ]);
  });

  it("of one more configuration are the same whether it is put beside the others or all are made anew", () => {
    const odd = fc.constantFrom<ParameterValue>(null, true, "1", "ａ", "a ", [1, 2], 0.123_456, 0.123_457);
    const value = fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 1, max: 9 }) },
      { weight: 1, arbitrary: odd },
    );
    const parameters = fc.record(
      { optimizer: value, learningRate: value, a: value },
      { requiredKeys: ["optimizer", "learningRate"] },
    );
    let made = 0;
    const cases = fc.uniqueArray(
      fc.record({
        params: parameters,
        label: fc.option(fc.constantFrom("a 1", "mine"), { nil: null, freq: 2 }),
      }),
      { minLength: 3, maxLength: 8, selector: ({ params }) => configurationKey(params) },
    );
    fc.assert(
      fc.property(cases, (rows) => {
        const runs = rows.map(({ params, label }) => ({
          ...{ configurationKey: configurationKey(params), configurationLabel: label ?? "", params },
          labelGiven: label !== null,
        }));
        const [added, ...others] = runs;
        if (!added) return;
        const { labels, labelling } = labelsOf(others);
        const given = added.labelGiven ? added.configurationLabel : undefined;
        const label = labelling && labelIn(labelling, added.params, given);
        if (label === null || [...labels.values()].some((other) => other.label === label)) return;
        made += 1;
        const all = labelsOf(runs);
        expect(Object.fromEntries(all.labels)).toEqual({
          ...Object.fromEntries(labels),
          [added.configurationKey]: { label, given: added.labelGiven },
        });
        expect(all.labelling).toMatchObject({ names: labelling?.names, style: labelling?.style });
      }),
      { numRuns: 700 },
    );
    expect(made).toBeGreaterThan(50);
  });
});
