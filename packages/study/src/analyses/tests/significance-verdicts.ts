import {
  decodeNumber,
  type SignificanceRow,
  type SweepSpec,
  type Verdict,
  type WireNumber,
} from "@reprise/contracts";
import { standardDeviation } from "@reprise/statistics";
import { armWords, distinctDigests, nameOf } from "../cells.js";
import { divergedAmong } from "../diverged.js";
import { metricOf } from "../input.js";
import type { MetricWords } from "../metric-words.js";
import { correctionNames, counted, metricFormat, planned, plannedOf, pText, wholePercent } from "../words.js";
import { permutationWords } from "./permutation-words.js";
import { type Comparison, predictionConfidence, type TestSettings } from "./significance-tests.js";

/** What a sentence about one row has to know beside the row. */
export type RowContext = {
  spec: SweepSpec;
  metric: MetricWords;
  /** Loss on the same cases, where there is one: it has no steps. */
  loss: MetricWords | null;
  settings: TestSettings;
  /** Number of tests in the family of the study, and of the configurations and arms they are about. */
  family: number;
  groups: number;
  isPlanned: boolean;
};

const number = (value: WireNumber | null) => (value === null ? Number.NaN : decodeNumber(value));

/** "p = 0.031, adjusted p = 0.12; Holm over 4 tests": of tests by normal theory, which are a family by themselves. */
function adjustedWords(
  p: number,
  adjusted: number,
  tests: number,
  { alpha, correction }: TestSettings,
): string {
  if (correction === "none" || tests < 2) return pText(p, alpha);
  return `${pText(p, alpha)}, ${pText(adjusted, alpha).replace("p", "adjusted p")}; ${correctionNames[correction]} over ${tests} tests`;
}

function degenerateVerdict({ cell, sample, reference, reason }: Comparison, context: RowContext): Verdict {
  const { metric, spec, loss } = context;
  const words = metricFormat(metric, Number.NaN);
  const losses = loss === null ? [] : sample.runs.map((run) => metricOf(run, loss.key));
  const known = losses.filter((loss) => loss !== null).filter(Number.isFinite);
  const sd = known.length > 1 && known.length === sample.runs.length ? standardDeviation(known) : null;
  const lossSentence =
    sd === null || loss === null || divergedAmong(sample.runs) > 0
      ? ""
      : sd === 0
        ? ` The ${loss.label} is the same in all of them, too.`
        : ` The ${loss.label}, which is continuous, has an SD of ${metricFormat(loss, sd).difference(sd)}.`;
  const diverged = divergedAmong([...sample.runs, ...(cell.deterministic?.runs ?? [])]) > 0;
  const same =
    !diverged &&
    new Set(sample.values).size === 1 &&
    sample.values[0] === reference &&
    sample.values.length > 1;
  const equality =
    same && reference !== null
      ? ` The deterministic run has the same value (${words.level(reference)}).`
      : "";
  return {
    kind: "degenerate",
    tone: "neutral",
    sentence: `${nameOf(cell.group)}, ${armWords(spec, sample.arm)}: ${reason ?? ""}${equality}${lossSentence}`,
    basis: [
      `n = ${sample.values.length}; ${counted(new Set(sample.values).size, "distinct value")}, ${counted(distinctDigests(sample.runs), "distinct digest")} of final weights.`,
      "A t-test assumes a continuous variable; counts of a small test set take few values.",
    ],
  };
}

/** What permutation can say of one seed: nothing, mostly, since few repeats have few relabelings. */
function seedClaim(row: Omit<SignificanceRow, "verdicts">, { settings, family }: RowContext): string {
  const { p, adjustedP, smallestP } = row.permutation;
  if (p === null) return "";
  if (adjustedP !== null) {
    const test = {
      p: number(p),
      adjustedP: number(adjustedP),
      smallestP: number(smallestP),
      standardError: 0,
    };
    return ` (${permutationWords(test, settings, family)})`;
  }
  const needed = Math.ceil(1 / settings.alpha - 1e-9) - 1;
  return `. At this seed alone, ${counted(row.n, "repeat")} cannot show more: no permutation p-value can fall below ${number(smallestP).toFixed(2)}${row.n < needed ? `, and a claim needs at least ${needed} repeats` : ", which is too large among so many tests"}`;
}

function predictionVerdict(
  row: Omit<SignificanceRow, "verdicts">,
  tests: number,
  context: RowContext,
): Verdict {
  const { spec, metric, isPlanned, settings } = context;
  const sd = number(row.sd);
  const words = metricFormat(metric, sd);
  const { low, high } = row.newObservation.predictionInterval;
  const interval = { low: number(low), high: number(high) };
  const d = number(row.deterministicValue);
  const inside = d >= interval.low && d <= interval.high;
  const where = `${nameOf(row.group)}: the deterministic run (${words.level(d)})`;
  const repeats = `the 95 % prediction interval ${words.levels(interval)} of ${row.n} ${armWords(spec, row.arm)}`;
  const mds = number(row.minimumDetectableShift);
  const detectable = metricFormat(metric, mds).difference(mds);
  const range = metric.check?.range;
  const beyond = interval.low === range?.low || interval.high === range?.high;
  const rejected = row.permutation.rejected === true;
  const basis = [
    `n = ${row.n}, mean ${words.level(number(row.mean))}, SD ${words.difference(sd)}.`,
    `By normal theory, as in the papers: new-observation t(${number(row.newObservation.df)}) = ${number(row.newObservation.statistic).toFixed(2).replace("-", "−")}, ${adjustedWords(number(row.newObservation.p), number(row.newObservation.adjustedP), tests, settings)}.`,
    `Smallest shift found with 80 % power, if repeats are normal: ${detectable}.`,
    `The interval is Student's at ${predictionConfidence(spec.order) * 100} %, so that it covers 95 % even where repeats are skewed or heavy-tailed${spec.order === "listed" ? ", and where another run would be made at another time" : ""}.`,
    ...(beyond
      ? ["It reached beyond the range of the metric and was cut: the approximation is rough here."]
      : []),
    "The deterministic run counts as one observation, however often it was repeated.",
  ];
  const claim = seedClaim(row, context);
  return {
    kind: inside && !rejected ? "prediction-inside" : "prediction-outside",
    tone: rejected ? "attention" : "neutral",
    sentence: plannedOf(
      isPlanned,
      rejected
        ? `${where} is unusual among ${row.n} ${armWords(spec, row.arm)} of this seed${claim}; their 95 % prediction interval is ${words.levels(interval)}. The test does not show whether different algorithms or the order of summation caused it.`
        : inside
          ? `${where} lies inside ${repeats}: an ordinary draw, as far as ${counted(row.n, "repeat")} can tell. Shifts below about ${detectable} would usually be missed.`
          : `${where} lies outside ${repeats}${claim}.`,
    ),
    basis,
  };
}

function oneSampleVerdict(
  row: Omit<SignificanceRow, "verdicts">,
  tests: number,
  context: RowContext,
): Verdict {
  const { settings, isPlanned } = context;
  const { p, adjustedP, falsePositiveRate, statistic, df } = row.oneSample;
  const rate = wholePercent(number(falsePositiveRate));
  const uncorrected = number(p) < settings.alpha;
  const basis = [
    `One-sample t of ${row.n} repeats against the value of the deterministic run: t = ${number(statistic).toFixed(2).replace("-", "−")} with ${number(df)} degrees of freedom; ${adjustedWords(number(p), number(adjustedP), tests, settings)}.`,
    "The test treats that value as a constant, as the paper does, although it comes from one run and has an error of its own.",
  ];
  return {
    kind: "one-sample",
    tone: "neutral",
    sentence: planned(
      isPlanned,
      uncorrected
        ? `One-sample t-test, as in the CUDA-randomness paper: the mean of the ${row.n} repeats differs from the value of the deterministic run (${pText(number(p), settings.alpha)}). A deterministic run that is merely another draw would give this result in ${rate} of studies of this size.`
        : `One-sample t-test, as in the CUDA-randomness paper: the mean of the ${row.n} repeats is not shown to differ from the value of the deterministic run (${pText(number(p), settings.alpha)}). Equality is not shown either.`,
    ),
    basis,
  };
}

/**
 * The sentences of one row: whether its deterministic run is an ordinary draw, then the paper's test with its false-positive rate.
 *
 * @param tests rows that have tests by normal theory
 */
export function rowVerdicts(
  row: Omit<SignificanceRow, "verdicts">,
  comparison: Comparison,
  tests: number,
  context: RowContext,
): Verdict[] {
  if (comparison.reason !== null) return [degenerateVerdict(comparison, context)];
  return [predictionVerdict(row, tests, context), oneSampleVerdict(row, tests, context)];
}

/** How many single deterministic runs are shown to be unusual, and whether so few repeats could have shown any. */
function seedBySeed(tested: readonly SignificanceRow[], { metric, family }: RowContext): string {
  const shown = tested.filter(({ permutation }) => permutation.rejected === true).length;
  const able = tested.filter(({ permutation }) => permutation.adjustedP !== null).length;
  if (shown > 0)
    return `Taken seed by seed, ${shown} of ${tested.length} deterministic runs ${shown === 1 ? "is" : "are"} unusual among their repeats in ${metric.label} (permutation, adjusted over ${family} tests).`;
  if (able > 0)
    return `Taken seed by seed, none of ${tested.length} deterministic runs is shown to be unusual among its repeats in ${metric.label} (permutation, adjusted over ${family} tests). Small shifts would have been missed.`;
  const most = Math.max(...tested.map(({ n }) => n));
  return `Taken seed by seed, nothing can be claimed about a single deterministic run: ${most === 1 ? "one repeat has" : `${most} repeats have`} too few relabelings (p ≥ ${(1 / (most + 1)).toFixed(2)}). The tests over all seeds can.`;
}

/** One sentence over all rows for each of the two tests. */
export function summaryVerdicts(rows: readonly SignificanceRow[], context: RowContext): Verdict[] {
  const tested = rows.filter(({ reason }) => reason === null);
  if (tested.length < 2) return [];
  const { settings, isPlanned } = context;
  const unusual = tested.some(({ permutation }) => permutation.rejected === true);
  const called = tested.filter(({ oneSample }) => number(oneSample.p) < settings.alpha).length;
  const expected = tested.reduce((sum, { oneSample }) => sum + number(oneSample.falsePositiveRate), 0);
  const untested = rows.length - tested.length;
  const rest = untested > 0 ? [`${counted(untested, "cell")} could not be tested; the table says why.`] : [];
  return [
    {
      kind: unusual ? "prediction-outside" : "prediction-inside",
      tone: unusual ? "attention" : "neutral",
      sentence: planned(isPlanned, seedBySeed(tested, context)),
      basis: [
        "The deterministic run of each configuration and seed, permuted with the repeats of that seed; within the family of the study.",
        ...rest,
      ],
    },
    {
      kind: "one-sample",
      tone: "neutral",
      sentence: planned(
        isPlanned,
        `The one-sample t-test of the CUDA-randomness paper would call ${called} of ${tested.length} comparisons significant at ${settings.alpha}. If every deterministic run were just another draw, it would still call about ${expected.toFixed(expected < 10 ? 1 : 0)} of them significant.`,
      ),
      basis: [
        "Counted without correction, as the paper does. Expected number: sum of the test's exact false-positive rates at each n, for normal repeats.",
        ...rest,
      ],
    },
  ];
}
