import { type ComparisonResult, decodeNumber, type Verdict, type WireNumber } from "@reprise/contracts";
import type { MetricWords } from "../metric-words.js";
import {
  correctionNames,
  counted,
  metricFormat,
  plannedOf,
  pText,
  sentencesOf,
  wholePercent,
} from "../words.js";
import { unitWords } from "./comparison-tests.js";
import { neededWords } from "./needed.js";
import type { TestSettings } from "./significance-tests.js";

export type ComparisonContext = {
  metric: MetricWords;
  settings: TestSettings;
  family: number;
  /** The margin stands in the hashed plan. */
  marginPlanned: boolean;
};

const number = (value: WireNumber | null) => (value === null ? Number.NaN : decodeNumber(value));

/** "6 seeds, paired" */
export function designWords({ design, n }: Pick<ComparisonResult, "design" | "n">): string {
  switch (design) {
    case "paired-by-seed":
      return `${counted(n[0], "seed")}, paired, for new seeds`;
    case "paired-by-configuration":
      return `${counted(n[0], "configuration")} of one seed, paired`;
    case "independent-seed-means":
      return `${n[0]} and ${n[1]} seeds, unpaired, for new seeds`;
    case "independent-runs-of-one-seed":
      return `${n[0]} and ${n[1]} repeats of one seed`;
    case "none":
      return "no test";
  }
}

const scopes: Record<ComparisonResult["design"], string> = {
  "paired-by-seed": "One observation per seed: repeats and configurations of a seed are averaged first.",
  "paired-by-configuration":
    "One observation per configuration, all at one seed: nothing is said about other seeds.",
  "independent-seed-means":
    "One observation per seed and group; repeats of a seed are averaged, not counted. No pairs were used.",
  "independent-runs-of-one-seed":
    "Repeats of one seed are treated as independent runs: nothing is said about other seeds.",
  none: "",
};

const effect = (value: ComparisonResult["hedgesG"]) => number(value).toFixed(2).replace("-", "−");

type Unspoken = Omit<ComparisonResult, "verdict">;

const outcomes = {
  better: "better, and by a meaningful margin",
  "better-but-not-meaningfully": "better, but not meaningfully",
  "not-shown": "not shown to be better",
  "too-few": "",
} as const;

/** "a is better than b in 82 % of observations": over what varied between them, which a search that was run once did not. */
function outperformanceWords(
  { a, b, n }: Pick<ComparisonResult, "a" | "b" | "n">,
  { probability, interval, gamma, needed, verdict }: NonNullable<ComparisonResult["outperformance"]>,
): string {
  const said = `P(${a} better than ${b}) = ${wholePercent(number(probability))}`;
  if (verdict === "too-few")
    return `${said}, without a verdict: ${needed} observations are needed to tell ${wholePercent(gamma)} from one half, and there are ${Math.min(...n)} (Bouthillier et al. 2021).`;
  return `${said} [${wholePercent(number(interval.low))}, ${wholePercent(number(interval.high))}]: ${outcomes[verdict]} (γ = ${gamma}; Bouthillier et al. 2021), over what varied between observations. A search that was not repeated for each observation is not included.`;
}

function basisOf(result: Unspoken, { settings, family, metric, marginPlanned }: ComparisonContext): string[] {
  const { test, statistic, df, p, rankTest, hedgesG, hedgesGInterval, equivalence, design, unpaired } =
    result;
  const shown = test === "paired-t" ? "Paired t" : "Welch's t";
  const correction =
    settings.correction === "none"
      ? `no correction over ${counted(family, "test")}`
      : `${correctionNames[settings.correction]} over ${counted(family, "test")}`;
  const rank =
    rankTest &&
    `${rankTest.name === "wilcoxon" ? "Wilcoxon's signed-rank test" : "Mann–Whitney test"}: ${pText(number(rankTest.p))}, not corrected.`;
  return [
    `${shown}(${number(df).toFixed(Number.isInteger(df) ? 0 : 1)}) = ${number(statistic).toFixed(2).replace("-", "−")}, ${pText(number(p), settings.alpha)}; ${correction}.`,
    scopes[design],
    ...(rank ? [rank] : []),
    ...(result.outperformance ? [outperformanceWords(result, result.outperformance)] : []),
    `Hedges' g ${effect(hedgesG)} [${effect(hedgesGInterval.low)}, ${effect(hedgesGInterval.high)}], in units of the SD between observations; it grows without bound as that SD approaches zero.`,
    ...(equivalence
      ? [
          `Equivalence by two one-sided tests within ±${metricFormat(metric, equivalence.margin).chosen(equivalence.margin)} (${marginPlanned ? "fixed in the analysis plan" : "named with this comparison"}), not corrected.`,
        ]
      : []),
    ...(unpaired.length > 0
      ? [
          `Left out, because they have no counterpart: ${unpaired.slice(0, 5).join("; ")}${unpaired.length > 5 ? ` and ${unpaired.length - 5} more` : ""}.`,
        ]
      : []),
  ];
}

/** "90 % CI [−0.21, 0.96] pp, 4 degrees of freedom", with digits enough to tell the nearer limit from the margin. */
function equivalenceInterval(
  { interval, margin }: NonNullable<ComparisonResult["equivalence"]>,
  name: string,
  { df }: Pick<ComparisonResult, "df">,
  metric: MetricWords,
): string {
  const [low, high] = [number(interval.low), number(interval.high)];
  const gap = Math.abs(margin - Math.max(Math.abs(low), Math.abs(high)));
  const words = metricFormat(metric, Math.min((high - low) / 2, gap > 0 ? gap : Number.POSITIVE_INFINITY));
  return `${name} ${words.differences({ low, high })}, ${Number(number(df).toFixed(1))} degrees of freedom`;
}

/** What one comparison shows, in a sentence that claims no more than its design carries. */
export function comparisonVerdict(result: Unspoken, context: ComparisonContext): Verdict {
  const { a, b, reason, rejected, equivalence, planned: inPlan, n, design } = result;
  const { metric, settings, marginPlanned } = context;
  const names = `${a} against ${b}`;
  const refusal = metric.check?.refusal;
  if (refusal) return { ...refusal, sentence: `${names}: ${refusal.sentence}` };
  if (reason !== null) {
    return {
      kind: "degenerate",
      tone: "neutral",
      sentence: `${names}, ${metric.label}: ${reason}`,
      basis: [`Observations: ${n[0]} and ${n[1]}. Where a rate hardly varies, compare a loss.`],
    };
  }
  const bounds = { low: number(result.interval.low), high: number(result.interval.high) };
  const words = metricFormat(metric, (bounds.high - bounds.low) / 2);
  const difference = number(result.difference);
  const amount = `${difference > 0 ? "+" : ""}${words.bareDifference(difference)} ${words.differences(bounds)}`;
  const adjusted = pText(number(result.adjustedP), settings.alpha).replace("p", "adjusted p");
  const basis = basisOf(result, context);
  const over = designWords(result);
  const say = (kind: Verdict["kind"], tone: Verdict["tone"], sentences: readonly string[]): Verdict => {
    const { sentence, ...others } = sentencesOf(sentences);
    return { kind, tone, sentence: plannedOf(inPlan, sentence), ...others, basis };
  };
  const margin = equivalence ? words.chosen(equivalence.margin) : "";
  const fixed = equivalence
    ? marginPlanned
      ? inPlan
        ? ", margin and comparison fixed beforehand"
        : ", with the margin fixed beforehand but not the comparison"
      : ", named with this comparison"
    : "";
  const confidence = wholePercent(1 - 2 * settings.alpha);
  const tost = equivalence ? equivalenceInterval(equivalence, `${confidence} CI`, result, metric) : "";
  if (rejected) {
    const small = equivalence?.shown
      ? `It is statistically significant but smaller than the margin of ±${margin}${fixed} (${tost}).`
      : "";
    return say("pooled-shift", "attention", [
      `${names}: mean ${metric.label} differs by ${amount} (${over}; ${adjusted}), for these models, data and environments.`,
      small,
    ]);
  }
  if (equivalence?.shown) {
    return say("equivalent", "good", [
      `${names}: the mean difference in ${metric.label} lies within ±${margin}${fixed} (${tost}; ${over}).`,
      "Single runs can differ by more.",
    ]);
  }
  if (equivalence) {
    const per = design.startsWith("independent") ? " per group" : "";
    const { moreNeededAtLeast: low, moreNeeded: high, moreNeededReason: why } = result;
    const number = neededWords({ low, high, reason: why }, unitWords[design]);
    const more =
      why !== null
        ? why
        : number === null
          ? "With this spread, no practical number of runs would decide it."
          : high === 0
            ? ""
            : `To find a difference of that size with 80 % power, ${number}${per} would be needed.`;
    return say("inconclusive", "neutral", [
      `${names}: neither a difference in ${metric.label} nor equivalence within ±${margin} is shown (${amount}; ${over}).`,
      more,
    ]);
  }
  return say("pooled-no-shift", "neutral", [
    `${names}: no difference in mean ${metric.label} detected (${over}): ${amount}.`,
    "This is not evidence of equality.",
  ]);
}
