import { z } from "zod";
import { metricName } from "../basics/metric-key.js";
import { wireNumber } from "../basics/numbers.js";
import { id } from "../basics/primitives.js";
import { knownBy, metricRange } from "../protocol/metric-info.js";
import { interval, number } from "./envelope.js";
import { analysisTable, verdict } from "./parts.js";

export const comparedGroup = z.strictObject({
  name: z.string().trim().min(1).max(80),
  /** The sweep whose runs are searched; that of the request when absent. */
  sweepId: id.optional(),
  /** As in the run list: `params.optimizer = 'adam' and arm = 'free'`. */
  filter: z.string().max(2000).default(""),
});

/** Groups of runs by filter, compared on metrics at the selected epoch. */
export const comparisonRequest = z
  .strictObject({
    sweepId: id.optional(),
    groups: z.array(comparedGroup).min(2, { error: "a comparison needs two groups" }).max(20),
    metrics: z.array(metricName.min(1)).min(1, { error: "name at least one metric" }).max(20),
    /** Every other group is compared with this one; all pairs when absent. */
    baseline: z.string().optional(),
    /** `auto` pairs on seed (and configuration) where it can; `never` compares seed means as independent samples. */
    pairing: z.enum(["auto", "never"]).default("auto"),
    /** Equivalence margins in the metric's own unit; those of the analysis plan stand where none is given. */
    margin: z.record(metricName, z.number().positive()).default({}),
  })
  .superRefine(({ groups, sweepId, baseline, metrics }, context) => {
    const names = groups.map(({ name }) => name);
    const report = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    names.forEach((name, index) => {
      if (names.indexOf(name) < index) report(["groups", index, "name"], `two groups are named ${name}`);
    });
    metrics.forEach((metric, index) => {
      if (metrics.indexOf(metric) < index) report(["metrics", index], `${metric} is listed twice`);
    });
    groups.forEach((group, index) => {
      if (!group.sweepId && !sweepId)
        report(["groups", index, "sweepId"], "name the sweep here or for the whole request");
    });
    if (baseline !== undefined && !names.includes(baseline))
      report(["baseline"], `no group is named ${baseline}`);
  })
  .meta({ id: "ComparisonRequest" });
export type ComparisonRequest = z.output<typeof comparisonRequest>;

/** One group on one metric. Means and SDs are over units (seed means), which are what the tests see. */
export const comparedSummary = z.strictObject({
  group: z.string(),
  metric: z.string(),
  runs: z.int(),
  /** Those of them that diverged: their values are in the figures, and no interval is given then. */
  diverged: z.int(),
  configurations: z.int(),
  seeds: z.int(),
  units: z.int(),
  mean: number,
  sd: number,
  interval,
  /** The two units themselves where there are no more: an interval over two says little. */
  points: z.array(wireNumber).nullable(),
  min: number,
  max: number,
});
export type ComparedSummary = z.infer<typeof comparedSummary>;

export const comparisonResult = z.strictObject({
  metric: z.string(),
  a: z.string(),
  b: z.string(),
  design: z.enum([
    "paired-by-seed",
    "paired-by-configuration",
    "independent-seed-means",
    "independent-runs-of-one-seed",
    "none",
  ]),
  /** Pairs, or units of a and of b. */
  n: z.tuple([z.int(), z.int()]),
  /** Cells (configuration and seed) of one group without a counterpart in the other; only of paired designs. */
  unpaired: z.array(z.string()),
  meanA: number,
  meanB: number,
  /** Mean of a minus mean of b, in the metric's own unit. */
  difference: number,
  interval,
  test: z.enum(["paired-t", "welch-t"]).nullable(),
  statistic: number,
  df: number,
  p: number,
  adjustedP: number,
  rejected: z.boolean().nullable(),
  /** Wilcoxon's signed ranks or Mann–Whitney's U on the same units, uncorrected: a check, not a second chance. */
  rankTest: z
    .strictObject({ name: z.enum(["wilcoxon", "mann-whitney"]), statistic: number, p: number })
    .nullable(),
  /** In SDs between units. */
  hedgesG: number,
  /** Of the standardised difference that g estimates, by the noncentral t; approximate for pairs. */
  hedgesGInterval: interval,
  /**
   * How often a run of a is better than one of b, over what varied between the observations; null without a direction or a
   * value. Interval and verdict from `needed` observations on (Bouthillier et al. 2021, γ = 0.75).
   */
  outperformance: z
    .strictObject({
      probability: number,
      interval,
      gamma: z.number(),
      needed: z.int(),
      verdict: z.enum(["better", "better-but-not-meaningfully", "not-shown", "too-few"]),
    })
    .nullable(),
  equivalence: z
    .strictObject({ margin: z.number(), interval, p: number, shown: z.boolean().nullable() })
    .nullable(),
  /** Units (pairs, or per group) that would be added for 80 % power at the margin; null where that is not known. */
  moreNeeded: z.int().nullable(),
  /** The same by the lower 80 % limit of the SD: the range of what may be needed. */
  moreNeededAtLeast: z.int().nullable(),
  /** Why no number is given. */
  moreNeededReason: z.string().nullable(),
  /** Why no test was made; null when one was. */
  reason: z.string().nullable(),
  planned: z.boolean(),
  verdict,
});
export type ComparisonResult = z.infer<typeof comparisonResult>;

export const comparisonAnswer = z
  .strictObject({
    groups: z.array(
      z.strictObject({
        name: z.string(),
        sweepId: id,
        sweepName: z.string(),
        filter: z.string(),
        /** Arms of these runs. */
        arms: z.array(z.string()),
        runIds: z.array(id),
        excluded: z.array(z.strictObject({ runId: id, reason: z.string() })),
        pending: z.int(),
        withoutResult: z.int(),
      }),
    ),
    summaries: z.array(comparedSummary),
    comparisons: z.array(comparisonResult),
    alpha: z.number(),
    correction: z.string(),
    /** The metrics in the order of the request: how they are shown, and how their unit is known. */
    metrics: z.array(
      z.strictObject({
        key: z.string(),
        label: z.string(),
        unit: z.string(),
        known: knownBy,
        range: metricRange.nullable(),
      }),
    ),
    /** Tests in the family of the correction. */
    family: z.int(),
    method: z.string(),
    notes: z.array(z.string()),
    software: z.string(),
    table: analysisTable,
  })
  .meta({ id: "ComparisonAnswer" });
export type ComparisonAnswer = z.infer<typeof comparisonAnswer>;
