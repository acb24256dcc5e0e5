import { z } from "zod";
import { anytimeT } from "../error-rates/anytime-t.js";
import { groupSequentialT } from "../error-rates/group-sequential-t.js";
import { groupSequentialZ } from "../error-rates/group-sequential-z.js";
import { ADJUSTMENTS, adjustPValues } from "../error-rates/multiplicity.js";
import { spendingNames } from "../error-rates/spending.js";
import { powerOneSampleT, powerTwoSampleT, sampleSizeTwoSampleT } from "../means/power.js";
import { because } from "../means/t-tests.js";
import { normalUpperTail, tDistribution, tQuantile } from "../numerics/distributions.js";
import { interquartileMean, nonFiniteReason } from "../summary.js";
import { linearCka, pairwiseCosine } from "../weights/similarity.js";
import { formatOfBits, ulpDistance } from "../weights/ulp.js";
import { defineTest } from "./define.js";
import { alpha, alternative, keysOf, numbers, probability, real } from "./fields.js";

const noOptions = z.object({});
const spendingOptions = z.object({
  alpha,
  spending: z.enum(spendingNames).optional(),
  sides: z.union([z.literal(1), z.literal(2)]).optional(),
});
const vectors = z.array(numbers);
const ratio = z.number().positive().optional();

function undefinedIfNaN(value: number, reason: string) {
  return because(Number.isNaN(value) ? reason : undefined);
}

export const otherTests = {
  p_adjust: defineTest({
    title: "p-values adjusted for their family",
    input: z.object({ p: numbers }),
    options: z.object({ method: z.enum(keysOf(ADJUSTMENTS)).optional(), alpha }),
    compute: ({ p }, options) => ({ ...adjustPValues(p, options) }),
  }),
  anytime_ttest_1samp: defineTest({
    title: "One-sample or paired t that may be looked at after every value: e-value and confidence sequence",
    input: z.object({ x: numbers, mu: real.optional() }),
    options: z.object({ alpha, effectVariance: z.number().positive().optional() }),
    compute: ({ x, mu }, options) => ({ ...anytimeT(x, { mu, ...options }) }),
  }),
  group_sequential_t: defineTest({
    title: "Bounds of t at planned numbers of values, by error spending",
    input: z.object({
      looks: z.array(z.int().min(2).max(200)).min(1).max(100),
      planned: z.int().min(2).max(200).optional(),
    }),
    options: spendingOptions,
    compute: ({ looks, planned }, options) => ({ bounds: groupSequentialT(looks, { planned, ...options }) }),
  }),
  group_sequential_z: defineTest({
    title: "Bounds of z at shares of the information, by error spending",
    input: z.object({ fractions: z.array(real).min(1).max(100) }),
    options: spendingOptions,
    compute: ({ fractions }, options) => ({ bounds: groupSequentialZ(fractions, options) }),
  }),
  power_ttest_1samp: defineTest({
    title: "Power of the one-sample or paired t-test",
    input: z.object({ effectSize: real, n: real, alpha }),
    options: z.object({ alternative, alpha }),
    compute: ({ effectSize, n, ...given }, options) => {
      const power = powerOneSampleT(effectSize, n, {
        alpha: given.alpha ?? options.alpha,
        alternative: options.alternative,
      });
      return {
        power,
        ...undefinedIfNaN(power, "n too small: the test needs n > 1 and an effect that is a number."),
      };
    },
  }),
  power_ttest_ind: defineTest({
    title: "Power of Student's two-sample t-test",
    input: z.object({ effectSize: real, nPerGroup: real, alpha, ratio }),
    options: z.object({ alternative, alpha, ratio }),
    compute: ({ effectSize, nPerGroup, ...given }, options) => {
      const power = powerTwoSampleT(effectSize, nPerGroup, {
        alpha: given.alpha ?? options.alpha,
        ratio: given.ratio ?? options.ratio,
        alternative: options.alternative,
      });
      return {
        power,
        ...undefinedIfNaN(power, "n too small: the test needs n > 1 and an effect that is a number."),
      };
    },
  }),
  sample_size_ttest_ind: defineTest({
    title: "Values per group for Student's two-sample t-test",
    input: z.object({ effectSize: real, power: probability, alpha, ratio }),
    options: z.object({ alternative, alpha, ratio }),
    compute: ({ effectSize, power, ...given }, options) => ({
      ...sampleSizeTwoSampleT(effectSize, power, {
        alpha: given.alpha ?? options.alpha,
        ratio: given.ratio ?? options.ratio,
        alternative: options.alternative,
      }),
    }),
  }),
  iqm: defineTest({
    title: "Interquartile mean",
    input: z.object({ x: numbers }),
    options: noOptions,
    compute: ({ x }) => ({
      iqm: interquartileMean(x),
      ...because(x.length === 0 ? "n too small: x is empty." : nonFiniteReason("x", x)),
    }),
  }),
  cosine_pairwise: defineTest({
    title: "Mean and minimum cosine similarity over all pairs",
    input: z.object({ vectors }),
    options: noOptions,
    compute: (input) => ({ ...pairwiseCosine(input.vectors) }),
  }),
  linear_cka: defineTest({
    title: "Linear centred kernel alignment",
    input: z.object({ x: vectors, y: vectors }),
    options: noOptions,
    compute: ({ x, y }) => ({ ...linearCka(x, y) }),
  }),
  ulp_distance: defineTest({
    title: "Distance in units in the last place",
    input: z.object({
      a: real,
      b: real,
      bits: z.union([z.literal(16), z.literal(32), z.literal(64)]).optional(),
    }),
    options: z.object({
      returnType: z.enum(["bigint as string", "string", "number"]).optional(),
      format: z.enum(["float16", "bfloat16", "float32", "float64"]).optional(),
    }),
    compute: ({ a, b, bits = 64 }, { returnType, format }) => {
      const { ulps, reason } = ulpDistance(a, b, format ?? formatOfBits(bits));
      const answer = ulps === null ? null : returnType === "number" ? Number(ulps) : ulps.toString();
      return { ulps: answer, ...because(reason) };
    },
  }),
  t_dist: defineTest({
    title: "Probabilities of Student's t",
    input: z.object({ t: real, df: real }),
    options: noOptions,
    compute: ({ t, df }) => ({ ...tDistribution(t, df) }),
  }),
  t_quantile: defineTest({
    title: "Quantile of Student's t",
    input: z.object({ p: real, df: real }),
    options: noOptions,
    compute: ({ p, df }) => {
      const q = tQuantile(p, df);
      return { q, ...undefinedIfNaN(q, "p must lie in 0..1 and df above 0.") };
    },
  }),
  normal_sf: defineTest({
    title: "Upper tail of the standard normal distribution",
    input: z.object({ z: real }),
    options: noOptions,
    compute: (input) => ({ sf: normalUpperTail(input.z), ...undefinedIfNaN(input.z, "z is NaN.") }),
  }),
};
