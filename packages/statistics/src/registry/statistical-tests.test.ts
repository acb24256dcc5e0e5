import { describe, expect, it } from "vitest";
import { isStatisticsError, type StatisticsError } from "../errors.js";
import { decodeNumbers, encodeNumbers } from "../numerics/numbers.js";
import { runStatisticalTest } from "./statistical-tests.js";

function errorOf(call: () => unknown): StatisticsError {
  try {
    call();
  } catch (error) {
    if (isStatisticsError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("numbers that JSON cannot hold", () => {
  it("come in and go out as words, at any depth", () => {
    const words = { a: ["NaN", 1, { b: "-Infinity" }], c: "Infinity", d: "infinity", e: null };
    const numbers = {
      a: [Number.NaN, 1, { b: Number.NEGATIVE_INFINITY }],
      c: Number.POSITIVE_INFINITY,
      d: "infinity",
      e: null,
    };
    expect(decodeNumbers(words)).toEqual(numbers);
    expect(encodeNumbers(numbers)).toEqual(words);
    expect(encodeNumbers(Float64Array.of(1, Number.NaN))).toEqual([1, "NaN"]);
    expect(encodeNumbers(12345678901234567890n)).toBe("12345678901234567890");
  });

  it("survive a round trip through JSON in a test", () => {
    const answer = runStatisticalTest("ttest_1samp", { input: { x: [0.77, 0.77, 0.77], mu: 0.78 } });
    expect(JSON.parse(JSON.stringify(answer))).toMatchObject({ statistic: "-Infinity", pvalue: 0, sd: 0 });
  });
});

describe("options", () => {
  it("unknown to the test are ignored and listed", () => {
    const body = { input: { x: [1, 2, 3], mu: 2 }, options: { alternative: "less", tails: 2, note: "x" } };
    expect(runStatisticalTest("ttest_1samp", body)).toMatchObject({
      pvalue: 0.5,
      ignoredOptions: ["tails", "note"],
    });
  });

  it("may be left out, and accept the words of other libraries", () => {
    const input = { x: [1, 2, 4], mu: 2 };
    expect(runStatisticalTest("ttest_1samp", { input }).ignoredOptions).toEqual([]);
    const larger = runStatisticalTest("ttest_1samp", { input, options: { alternative: "larger" } });
    expect(larger).toEqual(runStatisticalTest("ttest_1samp", { input, options: { alternative: "greater" } }));
  });

  it("choose the level, which names the interval", () => {
    const answer = runStatisticalTest("ttest_1samp", {
      input: { x: [1, 2, 4], mu: 2 },
      options: { confidence: 0.99 },
    });
    expect(answer).toHaveProperty("ci99");
    expect(answer).toHaveProperty("ci95");
  });
});

describe("bad input", () => {
  it("names the nearest test", () => {
    const error = errorOf(() => runStatisticalTest("mann_whitney", { input: {} }));
    expect(error).toMatchObject({ code: "unknown-test", value: "mann_whitney" });
    expect(error.remedy).toContain("mann_whitney_u");
  });

  it.each([
    ["ttest_1samp", { x: [1, null], mu: 1 }, {}, "input.x[1]", /write "NaN"/],
    ["ttest_1samp", { x: [1, 2] }, {}, "input.mu", /Add it/],
    ["ttest_1samp", "x", {}, "input", /Send a/],
    ["levene", { groups: [[1, 2], ["a"]] }, {}, "input.groups[1][0]", /JSON numbers/],
    ["p_adjust", { p: [0.1] }, { method: "holmes" }, "options.method", /holm, /],
    ["p_adjust", { p: [0.5, 1.5] }, {}, "p[1]", /from 0 to 1/],
    ["proportion_ci", { k: 5, n: 3 }, {}, "k", /from 0 to n/],
    ["proportion_ci", { k: 1, n: 3 }, { confidence: 95 }, "options.confidence", /./],
    ["ttest_paired", { x: [1, 2], y: [1] }, {}, "y", /Pair by key/],
    [
      "mann_whitney_u",
      { x: new Array(600).fill(1), y: new Array(600).fill(2) },
      { method: "exact" },
      "x, y",
      /asymptotic/,
    ],
    ["variance_components_nested", { y: [[[1, 2]], [[1]]] }, {}, "y[1][0]", /Balance/],
  ])("%s says where it is and what to do (%#)", (test, input, options, field, remedy) => {
    const error = errorOf(() => runStatisticalTest(test, { input, options }));
    expect(error.field).toBe(field);
    expect(error.remedy).toMatch(remedy);
    expect(error.message).toContain(field);
  });
});

describe("degenerate input answers with a reason", () => {
  const nan = "NaN";
  it.each([
    ["ttest_1samp", { x: [0.77, 0.77], mu: 0.77 }, { statistic: nan, pvalue: nan, df: 1 }],
    ["ttest_1samp", { x: [1, "NaN", 3], mu: 1 }, { statistic: nan, pvalue: nan, mean: nan }],
    ["ttest_1samp", { x: [], mu: 1 }, { statistic: nan, pvalue: nan, mean: nan }],
    ["ttest_welch", { x: [1, 1], y: [2, 2] }, { statistic: "-Infinity", pvalue: 0, df: 1 }],
    ["ttest_welch", { x: [1], y: [2, 3] }, { statistic: nan, pvalue: nan }],
    ["ttest_student", { x: [1, 1], y: [1, 1] }, { statistic: nan, pvalue: nan, df: 2 }],
    ["ttest_paired", { x: [1, 2, 3], y: [0, 1, 2] }, { statistic: "Infinity", pvalue: 0, meanDiff: 1 }],
    [
      "new_observation_t",
      { mean: 1, sd: 0, n: 5, observation: 2 },
      { statistic: "Infinity", pvalue: 0, pi95: [1, 1] },
    ],
    ["new_observation_t", { mean: 1, sd: 0.1, n: 1, observation: 2 }, { statistic: nan, pvalue: nan }],
    ["wilcoxon_signed_rank", { d: [0, 0] }, { statistic: nan, pvalue: nan }],
    ["mann_whitney_u", { x: [], y: [1] }, { statistic: nan, pvalue: nan }],
    [
      "levene",
      {
        groups: [
          [0.1, 0.3],
          [0.1, 0.9],
        ],
      },
      { statistic: "Infinity", pvalue: 0 },
    ],
    ["levene", { groups: [[1], [2]] }, { statistic: nan, pvalue: nan }],
    ["f_test_variance", { x: [1, 2], y: [1, 1] }, { statistic: "Infinity", pvalue: 0 }],
    [
      "variance_components_oneway",
      {
        groups: [
          [1, 1],
          [1, 1],
        ],
      },
      { icc1: nan },
    ],
    ["effect_size", { x: [1, 1], y: [1, 1] }, { cohenD: nan, cliffsDelta: 0 }],
    ["rank_correlation", { x: [1, 1], y: [1, 2] }, { tauB: nan, pTau: nan, rho: nan }],
    [
      "kendall_w",
      {
        raters: [
          [1, 1],
          [2, 2],
        ],
      },
      { w: nan, pvalue: nan },
    ],
    [
      "p_adjust",
      { p: [0.01, "NaN", 0.03] },
      { adjusted: [0.02, nan, 0.03], reject: [true, false, true], excluded: [1] },
    ],
    ["proportion_ci", { k: 0, n: 0 }, { low: nan, high: nan, estimate: nan }],
    ["confusion_metrics", { tp: 0, fp: 0, fn: 0, tn: 0 }, { accuracy: nan, f1: nan, mcc: nan }],
    [
      "mcnemar",
      {
        table: [
          [5, 0],
          [0, 5],
        ],
      },
      { exactP: 1, pcc: 1 },
    ],
    ["auc_delong", { labels: [1, 1], scoresA: [1, 2] }, { aucA: nan, varA: nan }],
    [
      "auc_delong",
      { labels: [1, 0, 1, 0], scoresA: [1, 2, 3, 0], scoresB: [2, 3, 9, 1] },
      { z: 0, pvalue: 1 },
    ],
    [
      "prediction_agreement",
      {
        predictions: [
          [1, 1],
          [1, 1],
        ],
      },
      { meanChurn: 0, fleissKappa: nan, kappa01: nan },
    ],
    ["cosine_pairwise", { vectors: [[1, 0]] }, { mean: nan, min: nan }],
    ["linear_cka", { x: [[1], [1]], y: [[1], [2]] }, { cka: nan }],
    ["ulp_distance", { a: "NaN", b: 1, bits: 64 }, { ulps: null }],
    ["iqm", { x: [] }, { iqm: nan }],
    [
      "sample_size_ttest_ind",
      { effectSize: 0, power: 0.8, alpha: 0.05 },
      { nExact: "Infinity", n: "Infinity" },
    ],
    ["power_ttest_1samp", { effectSize: 1, n: 1, alpha: 0.05 }, { power: nan }],
    ["t_quantile", { p: 1.5, df: 3 }, { q: nan }],
    ["t_bounds_from_range", { mean: 1, range: 0, n: 4, mu: 2 }, { absTMin: "Infinity", absTMax: "Infinity" }],
  ])("%s (%#)", (test, input, expected) => {
    const answer = runStatisticalTest(test, { input, options: {} });
    expect(answer).toMatchObject(expected);
    expect(answer.reason).toEqual(expect.stringMatching(/.+/));
  });

  it("and ordinary input without one", () => {
    expect(runStatisticalTest("ttest_welch", { input: { x: [1, 2], y: [2, 4] } })).not.toHaveProperty(
      "reason",
    );
  });

  it("is recognised exactly, not by a tolerance", () => {
    const x = [0.8, 0.8, 0.8 + 2 ** -50];
    const answer = runStatisticalTest("ttest_1samp", { input: { x, mu: 0.5 } });
    expect(answer).not.toHaveProperty("reason");
    expect(Number(answer.sd)).toBeGreaterThan(0);
  });
});

it("keeps the intraclass correlation as it is, negative too, beside the share that is none", () => {
  // Repeats that repel: MSB = 0, MSW = 2, so ICC(1) = (0 − 2) / (0 + 2), by hand.
  const groups = [
    [1, 3],
    [3, 1],
  ];
  const answer = runStatisticalTest("variance_components_oneway", { input: { groups } });
  expect(answer).toMatchObject({
    varBetweenRaw: -1,
    icc1: -1,
    varBetween: 0,
    shareBetween: 0,
    truncated: true,
  });
});
