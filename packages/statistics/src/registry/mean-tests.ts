import { z } from "zod";
import { invalidInput } from "../errors.js";
import { tostOneSample, tostPaired, tostWelch } from "../means/equivalence.js";
import { newObservationT } from "../means/new-observation.js";
import {
  type Interval,
  oneSampleT,
  oneSampleTFromSummary,
  pairedT,
  type SummaryInput,
  studentT,
  type TTestOptions,
  welchT,
} from "../means/t-tests.js";
import { tBoundsFromRange } from "../reported/audit-arithmetic.js";
import { mean, standardDeviation } from "../summary.js";
import { defineTest } from "./define.js";
import { alpha, alternative, confidence, count, levelKey, numbers, real } from "./fields.js";

const tOptions = z.object({ alternative, confidence });
const samples = z.object({ x: numbers, y: numbers });
const margin = z.object({ low: real, upp: real, alpha });

/** Renames the interval of a result to its level; the 95 % interval is always there. */
function withIntervals<R extends { interval: Interval }>(
  prefix: string,
  compute: (options: TTestOptions) => R,
  options: TTestOptions,
) {
  const { interval, ...result } = compute(options);
  const level = options.confidence ?? 0.95;
  const usual = level === 0.95 ? interval : compute({ ...options, confidence: 0.95 }).interval;
  return { ...result, [levelKey(prefix, 0.95)]: usual, [levelKey(prefix, level)]: interval };
}

function equivalence({ interval, ...result }: ReturnType<typeof tostPaired>, level: number | undefined) {
  return { ...result, [levelKey("ci", 1 - 2 * (level ?? 0.05))]: interval };
}

/** A summary as printed, or the values themselves. */
const sample = z.object({
  mean: real.optional(),
  sd: real.optional(),
  n: count.optional(),
  x: numbers.optional(),
});

function summaryOf({ x, mean: centre, sd, n }: z.output<typeof sample>): SummaryInput {
  if (x !== undefined) return { mean: mean(x), sd: standardDeviation(x), n: x.length };
  if (centre !== undefined && sd !== undefined && n !== undefined) return { mean: centre, sd, n };
  throw invalidInput("input", { mean: centre, sd, n }, "describes no sample", "Give x, or mean, sd and n.");
}

export const meanTests = {
  ttest_1samp: defineTest({
    title: "One-sample t-test of a mean against a known constant",
    input: z.object({ x: numbers, mu: real }),
    options: tOptions,
    compute: ({ x, mu }, options) => withIntervals("ci", (o) => oneSampleT(x, mu, o), options),
  }),
  ttest_1samp_from_stats: defineTest({
    title: "One-sample t-test from a published mean, SD and n",
    input: z.object({ mean: real, sd: real, n: count, mu: real }),
    options: tOptions.extend({ alpha }),
    compute: ({ mu, ...summary }, options) =>
      withIntervals("ci", (o) => oneSampleTFromSummary(summary, mu, { ...o, alpha: options.alpha }), options),
  }),
  new_observation_t: defineTest({
    title: "Is one new observation an ordinary draw from the population of a sample? (Crawford-Howell)",
    input: sample.extend({ observation: real }),
    options: tOptions,
    compute: ({ observation, ...given }, options) => {
      const summary = summaryOf(given);
      const compute = (o: TTestOptions) => {
        const { predictionInterval: interval, ...result } = newObservationT(summary, observation, o);
        return { ...result, interval };
      };
      return withIntervals("pi", compute, options);
    },
  }),
  t_bounds_from_range: defineTest({
    title: "Bounds of |t| when a table prints the range but no SD",
    input: z.object({ mean: real, range: real, n: count, mu: real }),
    options: z.object({ alpha }),
    compute: (input, options) => ({ ...tBoundsFromRange(input, options.alpha) }),
  }),
  ttest_welch: defineTest({
    title: "Welch's t-test of two independent samples",
    input: samples,
    options: tOptions,
    compute: ({ x, y }, options) => withIntervals("ci", (o) => welchT(x, y, o), options),
  }),
  ttest_student: defineTest({
    title: "Student's t-test of two independent samples of equal variance",
    input: samples,
    options: tOptions,
    compute: ({ x, y }, options) => withIntervals("ci", (o) => studentT(x, y, o), options),
  }),
  ttest_paired: defineTest({
    title: "Paired t-test",
    input: samples,
    options: tOptions,
    compute: ({ x, y }, options) => withIntervals("ci", (o) => pairedT(x, y, o), options),
  }),
  tost_welch: defineTest({
    title: "Equivalence of two independent means within a margin (TOST, Welch)",
    input: samples,
    options: margin,
    compute: ({ x, y }, o) => equivalence(tostWelch(x, y, o, o.alpha), o.alpha),
  }),
  tost_paired: defineTest({
    title: "Equivalence of paired means within a margin (TOST)",
    input: samples,
    options: margin,
    compute: ({ x, y }, o) => equivalence(tostPaired(x, y, o, o.alpha), o.alpha),
  }),
  tost_1samp: defineTest({
    title: "Equivalence of a mean and a constant within a margin relative to it (TOST)",
    input: z.object({ x: numbers, mu: real }),
    options: margin,
    compute: ({ x, mu }, o) => equivalence(tostOneSample(x, mu, o, o.alpha), o.alpha),
  }),
};
