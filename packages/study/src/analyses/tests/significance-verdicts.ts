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
import { correctionNames, counted, metricFormat, planned, pText, wholePercent } from "../words.js";
import type { Comparison, TestSettings } from "./significance-tests.js";

/** What a sentence about one row has to know beside the row. */
export type RowContext = {
  spec: SweepSpec;
  metric: MetricWords;
  /** Loss on the same cases, where there is one: it has no steps. */
  loss: MetricWords | null;
  settings: TestSettings;
  /** Number of tests in the family of the correction. */
  family: number;
  isPlanned: boolean;
};

const number = (value: WireNumber | null) => (value === null ? Number.NaN : decodeNumber(value));

/** "p = 0.031; Holm over 4 tests" */
export function adjustedWords(p: number, adjusted: number, { settings, family }: RowContext): string {
  const { alpha, correction } = settings;
  if (correction === "none" || family < 2)
    return `${pText(p, alpha)}; ${family < 2 ? "one test, nothing to correct for" : `${family} tests, no correction`}`;
  return `${pText(p, alpha)}, ${pText(adjusted, alpha).replace("p", "adjusted p")}; ${correctionNames[correction]} over ${family} tests`;
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
        : ` The ${loss.label}, which has no steps, has SD ${metricFormat(loss, sd).difference(sd)}.`;
  const diverged = divergedAmong([...sample.runs, ...(cell.deterministic?.runs ?? [])]) > 0;
  const same =
    !diverged &&
    new Set(sample.values).size === 1 &&
    sample.values[0] === reference &&
    sample.values.length > 1;
  const equality =
    same && reference !== null ? ` The deterministic run has it as well (${words.level(reference)}).` : "";
  return {
    kind: "degenerate",
    tone: "neutral",
    sentence: `${nameOf(cell.group)}, ${armWords(spec, sample.arm)}: ${reason ?? ""}${equality}${lossSentence}`,
    basis: [
      `n = ${sample.values.length}; ${counted(new Set(sample.values).size, "distinct value")}, ${counted(distinctDigests(sample.runs), "distinct digest")} of final weights.`,
      "A t-test needs values that can lie anywhere; counts of a small test set cannot.",
    ],
  };
}

function predictionVerdict(row: Omit<SignificanceRow, "verdicts">, context: RowContext): Verdict {
  const { spec, metric, isPlanned, settings } = context;
  const sd = number(row.sd);
  const words = metricFormat(metric, sd);
  const { low, high } = row.newObservation.predictionInterval;
  const interval = { low: number(low), high: number(high) };
  const d = number(row.deterministicValue);
  const p = number(row.newObservation.p);
  const adjusted = number(row.newObservation.adjustedP);
  const inside = d >= interval.low && d <= interval.high;
  const where = `${nameOf(row.group)}: the deterministic run (${words.level(d)})`;
  const repeats = `the 95% prediction interval ${words.levels(interval)} of ${row.n} ${armWords(spec, row.arm)}`;
  const mds = number(row.minimumDetectableShift);
  const detectable = metricFormat(metric, mds).difference(mds);
  const range = metric.check?.range;
  const beyond = interval.low === range?.low || interval.high === range?.high;
  const basis = [
    `n = ${row.n}, mean ${words.level(number(row.mean))}, SD ${words.difference(sd)}; new-observation t = ${number(row.newObservation.statistic).toFixed(2).replace("-", "−")} with ${number(row.newObservation.df)} degrees of freedom; ${adjustedWords(p, adjusted, context)}.`,
    `Smallest shift found with 80% power: ${detectable}.`,
    ...(beyond
      ? ["The interval reaches beyond what is possible and was cut: the normal approximation is rough here."]
      : []),
    "Assumes independent, roughly normal repeats; the deterministic run counts as one observation, however often it was repeated.",
  ];
  if (row.newObservation.rejected) {
    return {
      kind: "prediction-outside",
      tone: "attention",
      sentence: planned(
        isPlanned,
        `${where} lies outside ${repeats} (${adjustedWords(p, adjusted, context)}): unusual among repeats at this seed. Whether other algorithms or the order of summation caused it is not identified.`,
      ),
      basis,
    };
  }
  if (!inside) {
    return {
      kind: "prediction-outside",
      tone: "neutral",
      sentence: planned(
        isPlanned,
        `${where} lies outside ${repeats}, but among ${counted(context.family, "such comparison")} that is not unusual enough (${adjustedWords(p, adjusted, context)}, level ${settings.alpha}).`,
      ),
      basis,
    };
  }
  return {
    kind: "prediction-inside",
    tone: "neutral",
    sentence: planned(
      isPlanned,
      `${where} lies inside ${repeats}: an ordinary draw, as far as ${counted(row.n, "repeat")} can tell. Shifts below about ${detectable} would usually be missed.`,
    ),
    basis,
  };
}

function oneSampleVerdict(row: Omit<SignificanceRow, "verdicts">, context: RowContext): Verdict {
  const { settings, isPlanned } = context;
  const { p, adjustedP, falsePositiveRate, statistic, df } = row.oneSample;
  const rate = wholePercent(number(falsePositiveRate));
  const uncorrected = number(p) < settings.alpha;
  const basis = [
    `One-sample t of ${row.n} repeats against the value of the deterministic run: t = ${number(statistic).toFixed(2).replace("-", "−")} with ${number(df)} degrees of freedom; ${adjustedWords(number(p), number(adjustedP), context)}.`,
    "The test takes that value for a constant, as the paper does. It is one run with an error of its own.",
  ];
  return {
    kind: "one-sample",
    tone: "neutral",
    sentence: planned(
      isPlanned,
      uncorrected
        ? `One-sample t-test, as in the CUDA-randomness paper: the mean of the ${row.n} repeats differs from this one number (${pText(number(p), settings.alpha)}). A deterministic run that is merely another draw would give that in ${rate} of studies of this size.`
        : `One-sample t-test, as in the CUDA-randomness paper: the mean of the ${row.n} repeats is not shown to differ from this one number (${pText(number(p), settings.alpha)}). Equality is not shown either.`,
    ),
    basis,
  };
}

/** The sentences of one row: the prediction test, then the paper's test with its real rate of false alarms. */
export function rowVerdicts(
  row: Omit<SignificanceRow, "verdicts">,
  comparison: Comparison,
  context: RowContext,
): Verdict[] {
  if (comparison.reason !== null) return [degenerateVerdict(comparison, context)];
  return [predictionVerdict(row, context), oneSampleVerdict(row, context)];
}

/** One sentence over all rows for each of the two tests. */
export function summaryVerdicts(rows: readonly SignificanceRow[], context: RowContext): Verdict[] {
  const tested = rows.filter(({ reason }) => reason === null);
  if (tested.length < 2) return [];
  const { settings, isPlanned, metric } = context;
  const outside = tested.filter(({ newObservation }) => newObservation.rejected === true).length;
  const called = tested.filter(({ oneSample }) => number(oneSample.p) < settings.alpha).length;
  const expected = tested.reduce((sum, { oneSample }) => sum + number(oneSample.falsePositiveRate), 0);
  const correction =
    settings.correction === "none"
      ? "without correction"
      : `${correctionNames[settings.correction]} over ${tested.length} tests`;
  const untested = rows.length - tested.length;
  const rest = untested > 0 ? [`${counted(untested, "cell")} could not be tested; the table says why.`] : [];
  return [
    {
      kind: outside > 0 ? "prediction-outside" : "prediction-inside",
      tone: outside > 0 ? "attention" : "neutral",
      sentence: planned(
        isPlanned,
        outside > 0
          ? `Taken seed by seed, ${outside} of ${tested.length} deterministic runs lie unusually far from their repeats in ${metric.label} (${correction}).`
          : `Taken seed by seed, none of the ${tested.length} deterministic runs is an unusual draw among its repeats in ${metric.label} (${correction}). Small shifts would have been missed.`,
      ),
      basis: [
        "New-observation t-test with prediction interval, one per configuration, seed and arm.",
        ...rest,
      ],
    },
    {
      kind: "one-sample",
      tone: "neutral",
      sentence: planned(
        isPlanned,
        `The one-sample t-test of the CUDA-randomness paper would call ${called} of ${tested.length} comparisons significant at ${settings.alpha}. If every deterministic run were just another draw, it would still call about ${expected.toFixed(expected < 10 ? 1 : 0)} of them so.`,
      ),
      basis: [
        "Counted without correction, as the paper does. Expected number: sum of the test's exact false-positive rates at each n, for normal repeats.",
        ...rest,
      ],
    },
  ];
}
