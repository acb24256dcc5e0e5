import { describe, expect, it } from "vitest";
import { z } from "zod";
import { metricKey, metricNames } from "./metric-key.js";
import { parseWith } from "./validation.js";

const body = z.strictObject({ metrics: z.record(metricKey, z.number()) });
const refusal = (name: string) => {
  const parsed = parseWith(body, { metrics: { [name]: 1 } });
  return parsed.ok ? null : parsed.errors;
};

describe("the name of a metric", () => {
  it.each([
    "image_to_text_R@1",
    "Business Score",
    "recall (TPR)",
    "5_fold_cv",
    "准确率",
    "validation/acc.top-1",
    "F₁ · macro, weighted",
    "`quoted` \"twice\" and 'once'",
    "<b>&amp; | \\ % $ # {x}",
    "precisão",
    "دقة",
    "👩‍🔬 score",
    "-1",
    "=1+1",
    "constructor",
    "x".repeat(250),
    "😀".repeat(250),
  ])("may be %s", (name) => {
    expect(refusal(name)).toBeNull();
  });

  it("is one name however its accents were typed", () => {
    expect(metricKey.parse("pre\u0301cision")).toBe("pr\u00e9cision");
    expect(parseWith(body, { metrics: { "pre\u0301cision": 1 } })).toEqual({
      ok: true,
      value: { metrics: { "pr\u00e9cision": 1 } },
    });
  });

  it.each([
    ["", "a metric needs a name"],
    [" loss", "begins or ends with a space"],
    ["loss\u00a0", "begins or ends with a space"],
    ["   ", "begins or ends with a space"],
    ["a\nb", "holds U+000A: a metric's name is of characters that can be printed"],
    ["a\tb", "holds U+0009: a metric's name is of characters that can be printed"],
    ["a\u0000b", "holds U+0000: a metric's name is of characters that can be printed"],
    ["a\u200bb", "holds U+200B: a metric's name is of characters that can be printed"],
    ["a\u202eb", "holds U+202E: a metric's name is of characters that can be printed"],
    ["a\ud800b", "holds U+D800: a metric's name is of characters that can be printed"],
    ["\u0301", "has no character that can be seen"],
    ["x".repeat(251), "has 251 characters, 250 are allowed"],
  ])("may not be %j: it %s", (name, rule) => {
    const shown = name.length > 120 ? `${name.slice(0, 119)}…` : name;
    expect(refusal(name)).toEqual([{ path: `metrics.${shown}`, message: rule, value: expect.any(String) }]);
  });
});

describe("metrics in an address", () => {
  it("are separated by commas, or one to a parameter", () => {
    expect(metricNames.parse("loss, acc")).toEqual(["loss, acc", "loss", "acc"]);
    expect(metricNames.parse(["recall, macro", "loss"])).toEqual(["recall, macro", "loss"]);
    expect(metricNames.parse("")).toEqual([]);
    expect(metricNames.parse("e\u0301")).toEqual(["\u00e9"]);
  });
});
