import type { ComparisonResult, Run } from "@reprise/contracts";
import {
  differenceRange,
  effectSizeInterval,
  hedgesG,
  mannWhitneyU,
  mean,
  outperformance,
  pairedDifferences,
  pairedEffectSizeInterval,
  pairedT,
  tostPaired,
  tostWelch,
  welchT,
  wilcoxonSignedRank,
  withinRange,
} from "@reprise/statistics";
import { degeneracy, known } from "../cells.js";
import { divergedWords } from "../diverged.js";
import type { MetricWords } from "../metric-words.js";
import { counted } from "../words.js";
import { comparedCells, type Units, unitsOf } from "./comparison-units.js";
import { type Needed, neededForGroups, neededForPairs } from "./needed.js";

/** A comparison before correction and words. */
export type BareComparison = Omit<ComparisonResult, "adjustedP" | "rejected" | "planned" | "verdict">;

export type ComparedRuns = {
  name: string;
  runs: readonly Run[];
  /** Runs of the group that are left out because they did not run as requested. */
  departed: number;
  /** Runs of the group that succeeded without a value of the metric. */
  withoutMetric: number;
};

const isPaired = ({ design }: Units) => design === "paired-by-seed" || design === "paired-by-configuration";

/** One value per final state: copies of a deterministic run are one observation. */
export function withoutCopies(runs: readonly Run[]): Run[] {
  const seen = new Set<string>();
  return runs.filter(({ mode, digest, configurationKey, seed, arm }) => {
    if (mode !== "deterministic" || digest === null) return true;
    const key = JSON.stringify([configurationKey, seed, arm, digest]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function reasonAgainst(units: Units, a: ComparedRuns, b: ComparedRuns, metric: MetricWords): string | null {
  if (metric.check?.refusal) return metric.check.refusal.sentence;
  const shared = a.runs.filter((run) => b.runs.includes(run)).length;
  if (shared > 0) return `${counted(shared, "run")} in both groups: make the filters exclude each other.`;
  for (const { name, runs, departed, withoutMetric } of [a, b])
    if (runs.length === 0)
      return departed > 0
        ? `Group ${name} has no run to compare: ${counted(departed, "run")} did not run as requested, and runs that did not are never compared.${withoutMetric > 0 ? ` ${counted(withoutMetric, "other run")} ${withoutMetric === 1 ? "has" : "have"} no ${metric.label}.` : ""}`
        : `Group ${name} has no run with ${metric.label}.`;
  for (const { name, runs } of [a, b]) {
    const diverged = divergedWords(runs);
    if (diverged !== null) return `${diverged} in group ${name}; no t-test.`;
  }
  const values = [...units.a, ...units.b];
  if (!values.every(Number.isFinite)) return `Some runs have no finite ${metric.label}; no t-test.`;
  if (units.design === "none")
    return "A test needs two seeds in each group, or two independent repeats of one seed.";
  if (isPaired(units)) {
    const differences = pairedDifferences(units.a, units.b);
    if (differences.every((difference) => difference === 0))
      return `Both groups have exactly the same ${metric.label} in every pair; there is nothing to test.`;
    const few = degeneracy(differences, `difference in ${metric.label}`);
    return (
      few?.replace("values of difference", "values of the difference").replace("repeats", "pairs") ?? null
    );
  }
  const { distinct, size } = { distinct: new Set(values).size, size: values.length };
  if (new Set(units.a).size === 1 && new Set(units.b).size === 1)
    return `Neither group varies in ${metric.label}; there is no spread to test against.`;
  return distinct <= 3 && distinct < size
    ? `Only ${distinct} distinct values of ${metric.label} among ${size}; no t-test.`
    : null;
}

/** What one observation of a design is called. */
export const unitWords: Record<Units["design"], string> = {
  "paired-by-seed": "seed",
  "paired-by-configuration": "configuration",
  "independent-seed-means": "seed",
  "independent-runs-of-one-seed": "repeat",
  none: "run",
};

function neededOf(units: Units, margin: number, alpha: number): Needed {
  const unit = unitWords[units.design];
  return isPaired(units)
    ? neededForPairs(pairedDifferences(units.a, units.b), margin, alpha, unit)
    : neededForGroups(units.a, units.b, margin, { alpha, unit });
}

/** How often a is better, in the direction of the metric. */
function outperformanceOf(units: Units, metric: MetricWords): BareComparison["outperformance"] {
  const { direction } = metric;
  if (!direction) return null;
  const better = (values: readonly number[]) => values.map((v) => (direction === "minimize" ? -v : v));
  const found = outperformance(better(units.a), better(units.b), { paired: isPaired(units) });
  const { gamma, needed, verdict, probability } = found;
  const [low, high] = found.interval;
  return {
    probability: known(probability),
    interval: { low: known(low), high: known(high) },
    gamma,
    needed,
    verdict,
  };
}

function testOf(units: Units, alpha: number) {
  const confidence = 1 - alpha;
  if (isPaired(units)) {
    const ranks = wilcoxonSignedRank(pairedDifferences(units.a, units.b));
    return {
      test: "paired-t" as const,
      ...pairedT(units.a, units.b, { confidence }),
      rank: { name: "wilcoxon" as const, statistic: known(ranks.statistic), p: known(ranks.pvalue) },
    };
  }
  const ranks = mannWhitneyU(units.a, units.b);
  return {
    test: "welch-t" as const,
    ...welchT(units.a, units.b, { confidence }),
    rank: { name: "mann-whitney" as const, statistic: known(ranks.statistic), p: known(ranks.pvalue) },
  };
}

/** Two groups on one metric: the design that their runs allow, and the tests of that design. */
export function compareGroups(
  a: ComparedRuns,
  b: ComparedRuns,
  metric: MetricWords,
  options: { pairing: "auto" | "never"; margin: number | null; alpha: number },
): BareComparison {
  const { pairing, margin, alpha } = options;
  const cellsOfGroup = ({ runs }: ComparedRuns) => comparedCells(withoutCopies(runs), metric.key);
  const units = unitsOf(cellsOfGroup(a), cellsOfGroup(b), pairing);
  const reason = reasonAgainst(units, a, b, metric);
  const [meanA, meanB] = [mean(units.a), mean(units.b)];
  const bare: BareComparison = {
    metric: metric.key,
    a: a.name,
    b: b.name,
    design: units.design,
    n: [units.a.length, units.b.length],
    unpaired: units.unpaired,
    meanA: known(meanA),
    meanB: known(meanB),
    difference: metric.check?.refusal ? null : known(meanA - meanB),
    interval: { low: null, high: null },
    test: null,
    statistic: null,
    df: null,
    p: null,
    rankTest: null,
    outperformance: null,
    hedgesG: null,
    hedgesGInterval: { low: null, high: null },
    equivalence: null,
    moreNeeded: null,
    moreNeededAtLeast: null,
    moreNeededReason: null,
    reason,
  };
  if (reason !== null) return bare;
  const tested = testOf(units, alpha);
  // Differences that are equal but for rounding have a t of any size.
  if (tested.reason !== undefined) return { ...bare, reason: tested.reason };
  const { test, statistic, df, pvalue, interval, meanDiff, rank } = tested;
  const bounded = (bounds: [number, number]) => {
    const [low, high] = withinRange(bounds, differenceRange(metric.check?.range));
    return { low: known(low), high: known(high) };
  };
  const tost =
    margin === null
      ? null
      : (isPaired(units) ? tostPaired : tostWelch)(units.a, units.b, { low: -margin, upp: margin }, alpha);
  const needed = margin === null ? null : neededOf(units, margin, alpha);
  const effect = (isPaired(units) ? pairedEffectSizeInterval : effectSizeInterval)(units.a, units.b, {
    confidence: 1 - alpha,
  });
  return {
    ...bare,
    difference: known(meanDiff),
    interval: bounded(interval),
    test,
    statistic: known(statistic),
    df: known(df),
    p: known(pvalue),
    rankTest: rank,
    outperformance: outperformanceOf(units, metric),
    hedgesG: known(hedgesG(units.a, units.b)),
    hedgesGInterval: { low: known(effect[0]), high: known(effect[1]) },
    equivalence:
      tost && margin !== null
        ? {
            margin,
            interval: bounded(tost.interval),
            p: known(tost.pvalue),
            shown: tost.equivalent,
          }
        : null,
    moreNeeded: needed?.high ?? null,
    moreNeededAtLeast: needed?.low ?? null,
    moreNeededReason: needed?.reason ?? null,
  };
}
