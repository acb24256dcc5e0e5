import { z } from "zod";
import { because } from "../means/t-tests.js";
import { almostStochasticOrder } from "../ranks/stochastic-order.js";
import { runsByCasesMeanBootstrap, stratifiedIqmBootstrap } from "../resampling/bootstrap.js";
import { BOOTSTRAP_STATISTICS, bootstrapIntervals } from "../resampling/bootstrap-intervals.js";
import { defineTest } from "./define.js";
import { confidence, keysOf, numbers } from "./fields.js";

const table = z.array(numbers);
const resampling = z.object({
  seed: z.int().min(0).default(0),
  resamples: z.int().min(100).max(100_000).optional(),
  confidence,
});

export const resamplingTests = {
  bootstrap_ci_from_distribution: defineTest({
    title: "Percentile and BCa intervals from a given bootstrap distribution",
    input: z.object({ x: numbers, bootstrapDistribution: numbers }),
    options: z.object({ statistic: z.enum(keysOf(BOOTSTRAP_STATISTICS)).optional(), confidence }),
    compute: (input, options) => ({ ...bootstrapIntervals(input.x, input.bootstrapDistribution, options) }),
  }),
  stratified_bootstrap_iqm: defineTest({
    title: "Interquartile mean over tasks, with a bootstrap interval that redraws runs within each task",
    input: z.object({ tasks: table }),
    options: resampling,
    compute: ({ tasks }, options) => ({
      ...stratifiedIqmBootstrap(tasks, options),
      ...because(
        tasks.every((runs) => runs.length === 1)
          ? "n too small: every task has one run, so that redrawing changes nothing."
          : undefined,
      ),
    }),
  }),
  runs_by_cases_bootstrap: defineTest({
    title: "Mean over runs and cases, with a bootstrap interval for new runs judged on new cases",
    input: z.object({ scores: table }),
    options: resampling,
    compute: ({ scores }, options) => ({
      ...runsByCasesMeanBootstrap(scores, options),
      ...because(
        scores.length === 1 ? "n too small: one run says nothing of the spread between runs." : undefined,
      ),
    }),
  }),
  almost_stochastic_order: defineTest({
    title: "Almost stochastic order of two samples of scores, higher is better",
    input: z.object({ x: numbers, y: numbers }),
    options: resampling,
    compute: ({ x, y }, options) => ({ ...almostStochasticOrder(x, y, options) }),
  }),
};
