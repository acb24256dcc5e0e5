import { z } from "zod";
import { invalidInput } from "../errors.js";
import { effectSizeInterval } from "../means/effect-interval.js";
import { effectSize } from "../means/effect-size.js";
import { pairedDifferences } from "../means/t-tests.js";
import { expectedMaximumOf, expectedNormalMaximum } from "../ranks/expected-maximum.js";
import { outperformance } from "../ranks/outperformance.js";
import { kendallW, rankCorrelation } from "../ranks/rank-correlation.js";
import { mannWhitneyU, wilcoxonSignedRank } from "../ranks/rank-tests.js";
import { varianceComponentsReml } from "../spread/reml.js";
import { varianceComponentsNested, varianceComponentsOneway } from "../spread/variance-components.js";
import { levene, varianceFTest } from "../spread/variance-tests.js";
import { defineTest } from "./define.js";
import { alternative, confidence, numbers, probability, rankMethod } from "./fields.js";

const samples = z.object({ x: numbers, y: numbers });
const groups = z.object({ groups: z.array(numbers) });
const noOptions = z.object({});

export const rankAndVarianceTests = {
  wilcoxon_signed_rank: defineTest({
    title: "Wilcoxon's signed-rank test of paired differences",
    input: z.object({ d: numbers.optional(), x: numbers.optional(), y: numbers.optional() }),
    options: z.object({
      alternative,
      method: rankMethod,
      zeroMethod: z.enum(["wilcox", "pratt", "zsplit"]).optional(),
      correction: z.boolean().optional(),
    }),
    compute: ({ d, x, y }, options) => {
      if (d !== undefined) return { ...wilcoxonSignedRank(d, options) };
      if (x !== undefined)
        return { ...wilcoxonSignedRank(y === undefined ? x : pairedDifferences(x, y), options) };
      throw invalidInput("input.d", d, "is missing", "Give the differences d, or x and y.");
    },
  }),
  mann_whitney_u: defineTest({
    title: "Mann-Whitney U test of two independent samples",
    input: samples,
    options: z.object({ alternative, method: rankMethod, continuity: z.boolean().optional() }),
    compute: ({ x, y }, options) => ({ ...mannWhitneyU(x, y, options) }),
  }),
  probability_of_outperforming: defineTest({
    title: "P(A > B) with its interval and three-way verdict (Bouthillier et al. 2021)",
    input: samples,
    options: z.object({
      paired: z.boolean().optional(),
      gamma: probability.optional(),
      confidence,
    }),
    compute: ({ x, y }, { paired = false, ...options }) => ({
      ...outperformance(x, y, { paired, ...options }),
    }),
  }),
  best_of_n: defineTest({
    title: "Expected best of n: SDs above the mean under normality, and of n draws from given values",
    input: z.object({ n: z.int().min(1).max(10_000), x: numbers.optional() }),
    options: noOptions,
    compute: ({ n, x }) => ({
      inSd: expectedNormalMaximum(n),
      ...(x === undefined ? {} : { expectedBest: expectedMaximumOf(x, n) }),
    }),
  }),
  effect_size: defineTest({
    title: "Effect sizes of two independent samples",
    input: samples,
    options: z.object({ confidence }),
    compute: ({ x, y }, options) => ({
      ...effectSize(x, y),
      deltaInterval: effectSizeInterval(x, y, options),
    }),
  }),
  levene: defineTest({
    title: "Equal spread of groups (Levene, Brown-Forsythe)",
    input: groups,
    options: z.object({
      center: z.enum(["mean", "median", "trimmed"]).optional(),
      proportionToCut: z.number().optional(),
    }),
    compute: (input, options) => ({ ...levene(input.groups, options) }),
  }),
  f_test_variance: defineTest({
    title: "F-test of two variances",
    input: samples,
    options: z.object({ alternative }),
    compute: ({ x, y }, options) => ({ ...varianceFTest(x, y, options) }),
  }),
  variance_components_oneway: defineTest({
    title: "Variance between and within groups",
    input: groups,
    options: noOptions,
    compute: (input) => ({ ...varianceComponentsOneway(input.groups) }),
  }),
  variance_components_nested: defineTest({
    title: "Variance of optimizer, seed and repeat in a nested design",
    input: z.object({ y: z.array(z.array(numbers)) }),
    options: noOptions,
    compute: ({ y }) => ({ ...varianceComponentsNested(y) }),
  }),
  variance_components_reml: defineTest({
    title: "Variance of seed and repeat in an unbalanced nested design, by restricted maximum likelihood",
    input: z.object({ y: z.array(z.array(numbers)) }),
    options: z.object({ confidence }),
    compute: ({ y }, options) => ({ ...varianceComponentsReml(y, options) }),
  }),
  rank_correlation: defineTest({
    title: "Kendall's tau-b and Spearman's rho",
    input: samples,
    options: z.object({ kendallP: rankMethod, alternative }),
    compute: ({ x, y }, options) => ({
      ...rankCorrelation(x, y, { method: options.kendallP, alternative: options.alternative }),
    }),
  }),
  kendall_w: defineTest({
    title: "Concordance of rankings (Kendall's W, Friedman)",
    input: z.object({ raters: z.array(numbers) }),
    options: z.object({ ties: z.enum(["corrected", "uncorrected"]).optional() }),
    compute: ({ raters }, options) => ({ ...kendallW(raters, options) }),
  }),
};
