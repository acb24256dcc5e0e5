import { describe, expect, it } from "vitest";
import { specOf } from "../test-support/spec-fixture.js";
import { exampleTrainer } from "../test-support/trainer-fixture.js";
import { designWarnings } from "./design-warnings.js";

describe("designWarnings", () => {
  const warnings = (change: object) => designWarnings(specOf(change), [exampleTrainer]);

  it("has none for a sound design", () => {
    expect(warnings({})).toEqual([]);
  });

  it.each<[object, RegExp]>([
    [
      { modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 3 } } },
      /3 repeats.*about [0-9.]+ standard/,
    ],
    [{ modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 1 } } }, /no test is possible/],
    [{ modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 5 } } }, /assumed, not shown/],
    [{ modes: { nondeterministic: { repeats: 5 } } }, /nothing can be shown to be bit-identical/],
    [
      { seeds: [0], modes: { deterministic: { repeats: 1 } } },
      /One run per configuration: ranks will be descriptive/,
    ],
    [{ seeds: [7] }, /One seed \(7\)/],
    [{ noise: { init: "varied" } }, /init varies/],
    [{ base: { shards: 2 } }, /order of summation changes nothing/],
    [{ analysisPlan: undefined }, /No analysis plan/],
    [{ analysisPlan: { primaryMetric: "testLoss" } }, /no margin/],
    [
      { analysisPlan: { primaryMetric: "testAccuracy", margin: { testAccuracy: 0.01 } } },
      /about 228 cases.*0\.44 pp/,
    ],
    [
      { analysisPlan: { primaryMetric: "testSensitivity" } },
      /one class only, moves in steps of more than 0\.44 pp/,
    ],
    [
      { analysisPlan: { primaryMetric: "testAccuracy", margin: { testAccuracy: 0.004 } } },
      /smaller than one case/,
    ],
    [{ analysisPlan: { primaryMetric: "trainLoss" } }, /measured on training data/],
  ])("warns about %j", (change, sentence) => {
    expect(warnings(change).filter((warning) => sentence.test(warning))).toHaveLength(1);
  });

  it.each([
    ["cases", /hits moves in steps of 0\.44 pp/],
    ["oneClass", /hits, which counts one class only, moves in steps of more than 0\.44 pp/],
    [null, null],
  ] as const)("knows what a metric counts (%s) from its announcement", (counts, sentence) => {
    const hits = {
      key: "hits",
      label: "hits",
      direction: "maximize",
      unit: "fraction",
      split: "test",
    } as const;
    const trainer = { ...exampleTrainer, metrics: [{ ...hits, counts }] };
    const found = designWarnings(specOf({ analysisPlan: { primaryMetric: "hits" } }), [trainer]);
    expect(found.filter((warning) => warning.includes("moves in steps"))).toEqual(
      sentence ? [expect.stringMatching(sentence)] : [],
    );
  });
});
