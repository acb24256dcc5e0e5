import { conditionText } from "@reprise/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRunFilter } from "./run-filter.js";

const metric = (name: string) => ({ kind: "metric", name });
const param = (name: string) => ({ kind: "param", name });
const pieces = [
  ...[
    "metrics.x",
    "metrics.val.acc",
    "params.a b",
    "params.`c`",
    "status",
    "diverged",
    "seed",
    "createdAt",
    "foo",
  ],
  ...["=", "!=", "<", "=>", "is", "is not", "like", "and", "or", "not", "in"],
  ...["0.5", "'a'", "adam", "true", "nan", "null", "(", "%", "’", ",", "2026-01-01", "`"],
];
const attribute = (name: string) => ({ kind: "attribute", name });

describe("parseRunFilter", () => {
  it.each<[string, unknown[]]>([
    ["", []],
    [
      "metrics.validationAccuracy > 0.9 and params.optimizer = 'adam'",
      [
        { field: metric("validationAccuracy"), op: ">", value: 0.9 },
        { field: param("optimizer"), op: "=", value: "adam" },
      ],
    ],
    ["metric.testLoss<=-1.5e-3", [{ field: metric("testLoss"), op: "<=", value: -0.0015 }]],
    ['params.model != "mlp"', [{ field: param("model"), op: "!=", value: "mlp" }]],
    ["metrics.`recall (TPR)` > 0.9", [{ field: metric("recall (TPR)"), op: ">", value: 0.9 }]],
    ["metrics.`a ``quoted`` name, and` > 1", [{ field: metric("a `quoted` name, and"), op: ">", value: 1 }]],
    ["metrics.image_to_text_R@1 > 0.5", [{ field: metric("image_to_text_R@1"), op: ">", value: 0.5 }]],
    ["metrics.5_fold_cv > 0.5", [{ field: metric("5_fold_cv"), op: ">", value: 0.5 }]],
    ["metrics.准确率>0.9", [{ field: metric("准确率"), op: ">", value: 0.9 }]],
    ["metrics.pre\u0301cision > 0.9", [{ field: metric("pr\u00e9cision"), op: ">", value: 0.9 }]],
    ["metrics.`val.acc` = 1", [{ field: metric("val.acc"), op: "=", value: 1 }]],
    ["params.name = 'it''s'", [{ field: param("name"), op: "=", value: "it's" }]],
    ["params.batchNorm = TRUE", [{ field: param("batchNorm"), op: "=", value: true }]],
    ["params.`odd name` LIKE 'a%'", [{ field: param("odd name"), op: "like", value: "a%" }]],
    [
      "status = 'failed' AND seed >= 42",
      [
        { field: attribute("status"), op: "=", value: "failed" },
        { field: attribute("seed"), op: ">=", value: 42 },
      ],
    ],
    ["attributes.arm = 'free'", [{ field: attribute("arm"), op: "=", value: "free" }]],
    ["diverged = true", [{ field: attribute("diverged"), op: "=", value: true }]],
    ["diverged is not false", [{ field: attribute("diverged"), op: "!=", value: false }]],
    ["metrics.`val.acc` is NaN", [{ field: metric("val.acc"), op: "is nan" }]],
    [
      "metrics.x IS NOT NULL and params.y is null and digest is not null",
      [
        { field: metric("x"), op: "is not null" },
        { field: param("y"), op: "is null" },
        { field: attribute("digest"), op: "is not null" },
      ],
    ],
    ["params.x = '0.001'", [{ field: param("x"), op: "=", value: "0.001" }]],
    ["params.x = 0.001", [{ field: param("x"), op: "=", value: 0.001 }]],
    ["metrics.x < -inf", [{ field: metric("x"), op: "<", value: Number.NEGATIVE_INFINITY }]],
    ["params.note = 'a and b'", [{ field: param("note"), op: "=", value: "a and b" }]],
  ])("understands %s", (text, all) => {
    expect(parseRunFilter(text)).toEqual({ ok: true, value: { all } });
  });

  it.each<[string, RegExp, string | undefined, RegExp | null]>([
    ["metrics.x > ", /expected a value at the end/, undefined, null],
    ["metrics.x", /expected a comparison at the end/, undefined, /like/],
    ["metrics.x > 'high'", /x is a number at character 13/, '"high"', null],
    ["params.optimizer = adam", /expected a value at character 20/, '"adam"', /'adam'/],
    ["params.optimizer = 'adam", /not closed at character 20/, `"'adam"`, null],
    ["metrcs.x > 1", /unknown kind of field at character 1/, '"metrcs"', /"metrics"/],
    ["satus = 'failed'", /unknown property of a run at character 1/, '"satus"', /"status"/],
    ["attributes.sead = 1", /unknown property of a run at character 12/, '"sead"', /"seed"/],
    ["seed = 1 or seed = 2", /or is not supported at character 10/, '"or"', null],
    ["seed = 1 seed = 2", /expected and, or the end at character 10/, '"seed"', null],
    ["seed = 1 and", /expected a field at the end/, undefined, null],
    ["seed like '1%'", /like compares text at character 6/, undefined, null],
    ["status = 1", /status is text at character 10/, '"1"', null],
    ["metrics.x > 1; drop table run", /unexpected character ; at character 14/, null as never, null],
    [
      "metrics.val.acc > 1",
      /expected a comparison at character 12/,
      '"."',
      /backticks: metrics\.`recall \(TPR\)`/,
    ],
    ["metrics.Business Score > 1", /expected a comparison at character 18/, '"Score"', /backticks/],
    ["metrics.recall (TPR) > 1", /unexpected character \( at character 16/, null as never, /backticks/],
    ["metrics.x > 1.2.3", /unexpected|expected/, null as never, null],
  ])("explains what is wrong with %s", (text, message, value, suggestion) => {
    const parsed = parseRunFilter(text);
    if (parsed.ok) throw new Error("parsed");
    expect(parsed.errors).toHaveLength(1);
    expect(parsed.errors[0]?.path).toBe("filter");
    expect(parsed.errors[0]?.message).toMatch(message);
    if (value !== null) expect(parsed.errors[0]?.value).toBe(value);
    if (suggestion) expect(parsed.errors[0]?.suggestion).toMatch(suggestion);
  });

  it.each<[string, string]>([
    ["metrics.val.acc > 1", "metrics.`val.acc` > 1"],
    ["metrics.recall (TPR) > 1 and seed = 1", "metrics.`recall (TPR)` > 1 and seed = 1"],
    ["params.a.b is null", "params.`a.b` is null"],
    ["metrics.5 > 1", "metrics.`5` > 1"],
    ["metrics.x = 'NaN'", "metrics.x is nan"],
    ["metrics.x = NaN", "metrics.x is nan"],
    ["metrics.x != nan and seed = 1", "metrics.x is not nan and seed = 1"],
    ["metrics.x == null", "metrics.x is null"],
    ["params.x = none", "params.x is null"],
    ["metrics.x is 0.5", "metrics.x = 0.5"],
    ["params.optimizer = adam", "params.optimizer = 'adam'"],
    ["satus = 'failed'", "status = 'failed'"],
    ["testAccuracy > 0.9", "metrics.testAccuracy > 0.9"],
    ["optimizer = 'adam'", "params.optimizer = 'adam'"],
    ["status = 1", "status = '1'"],
    ["seed = '42'", "seed = 42"],
    ["diverged", "diverged = true"],
    ["diverged and seed = 1", "diverged = true and seed = 1"],
    ["diverged = 'false'", "diverged = false"],
    ["diverged = no", "diverged = false"],
    ["diverged is null and seed = 2", "diverged = false and seed = 2"],
    ["digest is nan", "digest is null"],
    ["createdAt > 2026-11-29", "createdAt > '2026-11-29'"],
    ["params.x = ‘adam’ && seed = 1", "params.x = 'adam' and seed = 1"],
    ["metrics.x > 0,9", "metrics.x > 0.9"],
    ["metrics.x => 1", "metrics.x >= 1"],
    ["params.x like 5", "params.x like '5%'"],
    ["params.x > true", "params.x = true"],
    ["seed = 1 seed = 2", "seed = 1 and seed = 2"],
  ])("%s is answered by %s, which it understands", (text, meant) => {
    const parsed = parseRunFilter(text);
    if (parsed.ok) throw new Error("parsed");
    expect(parsed.errors[0]?.suggestion).toMatch(/(^| )Write: /);
    const advice = parsed.errors[0]?.suggestion?.split("Write: ").at(-1) ?? "";
    expect(advice).toBe(meant);
    expect(parseRunFilter(advice).ok).toBe(true);
  });

  it("advises nothing that it does not understand itself", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), (parts) => {
        const parsed = parseRunFilter(parts.join(" "));
        const advice = parsed.ok ? undefined : parsed.errors[0]?.suggestion?.split("Write: ").at(1);
        if (advice !== undefined) expect(parseRunFilter(advice).ok).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("reads back what fields and values are written as", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: "grapheme" }),
        fc.constantFrom("x", 0.5, true, null),
        (name, value) => {
          const [field] = [param(name)];
          const parsed = parseRunFilter(conditionText({ kind: "param", name }, value));
          const clause = value === null ? { field, op: "is null" } : { field, op: "=", value };
          expect(parsed).toEqual({ ok: true, value: { all: [clause] } });
        },
      ),
    );
  });

  it("reads back whatever it is given as text, and never throws", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseRunFilter(`params.x = '${text.replaceAll("'", "''")}'`);
        expect(parsed).toEqual({ ok: true, value: { all: [{ field: param("x"), op: "=", value: text }] } });
        parseRunFilter(text);
      }),
    );
  });
});
