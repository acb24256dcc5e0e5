import type { Run, VerificationVerdict } from "@reprise/contracts";
import { standardDeviation } from "@reprise/statistics";
import { describeMetric, metricOf } from "../analyses/input.js";
import type { MetricWords } from "../analyses/metric-words.js";
import { counted, metricFormat } from "../analyses/words.js";
import type { ReplicaComparison } from "./comparison.js";

/** With fewer repeats than these nothing is said of their spread. */
const repeatsForSpread = 5;

/** The primary metric of a run and its replica, in its own unit. */
export type ComparedMetric = {
  words: MetricWords;
  source: number;
  replica: number;
  /** Absolute; 0 where both are the same value, NaN where one of them is. */
  difference: number;
  /** Of the analysis plan, in the metric's own unit; null where it fixes none. */
  margin: number | null;
  /** The metric of all repeats of the source, itself included. */
  repeats: number[];
};

/** Ended runs that differ from this one in nothing but the repeat, itself included. */
function repeatsOf(source: Run, runs: readonly Run[]): Run[] {
  return runs.filter(
    (run) =>
      run.purpose === "study" &&
      run.status === "succeeded" &&
      (run.excludedReason === null || run.id === source.id) &&
      run.configurationKey === source.configurationKey &&
      run.seed === source.seed &&
      run.arm === source.arm,
  );
}

/** The primary metric of both runs; null without a plan or where one of them did not measure it. */
export function compareMetric(comparison: ReplicaComparison): ComparedMetric | null {
  const { source, replica, plan, runs, metrics } = comparison;
  if (plan === null) return null;
  const key = plan.primaryMetric;
  const [a, b] = [metricOf(source.run, key), metricOf(replica.run, key)];
  if (a === null || b === null) return null;
  return {
    words: describeMetric(key, { metrics: metrics ?? [], runs }),
    source: a,
    replica: b,
    difference: Object.is(a, b) ? 0 : Math.abs(a - b),
    margin: plan.margin[key] ?? null,
    repeats: repeatsOf(source.run, runs).flatMap((run) => metricOf(run, key) ?? []),
  };
}

function spreadSentence({ words, repeats, difference }: ComparedMetric): string {
  if (repeats.length < repeatsForSpread) {
    return `Spread unknown: ${counted(repeats.length, "repeat")} of this run ${repeats.length === 1 ? "has" : "have"} ended, and two runs cannot show a statistical difference.`;
  }
  const sd = standardDeviation(repeats);
  const format = metricFormat(words, sd > 0 ? sd : difference);
  const [low, high] = [Math.min(...repeats), Math.max(...repeats)];
  return `The ${repeats.length} repeats of this run spread from ${format.level(low)} to ${format.level(high)} (standard deviation ${format.difference(sd)}).`;
}

/** What the primary metric says, with the margin for a verdict within it and the spread of the repeats for one beyond. */
export function metricSentence(metric: ComparedMetric | null, verdict: VerificationVerdict): string {
  if (metric === null) {
    return "The plan names no primary metric that both runs measured, so no tolerance applies. Spread unknown.";
  }
  const { words, source, replica, difference, margin } = metric;
  const format = metricFormat(words, difference);
  const amount =
    difference === 0
      ? `The ${words.label} is ${format.level(source)} in both`
      : `The ${words.label} is ${format.level(source)} in the run and ${format.level(replica)} in its replica, ${format.difference(difference)} apart`;
  if (margin === null)
    return `${amount}; the analysis plan fixes no margin for it. ${spreadSentence(metric)}`;
  const within = verdict === "within-tolerance" ? "within" : "beyond";
  const sentence = `${amount}, ${within} the margin of ${format.chosen(margin)} in the analysis plan.`;
  return verdict === "within-tolerance" ? sentence : `${sentence} ${spreadSentence(metric)}`;
}
