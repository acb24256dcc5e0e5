import {
  boundsOf,
  decodeNumber,
  looksOf,
  type SequentialDesign,
  type SequentialPoint,
  type SequentialQuestion,
  type SequentialRecord,
  type Verdict,
} from "@reprise/contracts";
import type { MetricWords } from "../metric-words.js";
import { counted, metricFormat } from "../words.js";

/** Which bounds, with their source and what they assume. */
export function boundsWords(design: SequentialDesign): string {
  const looks = design.looks === "each" ? "after each seed" : `at ${looksOf(design).join(", ")} seeds`;
  const assumed =
    "Assumed: paired differences are independent draws from one normal distribution with unknown SD.";
  switch (boundsOf(design)) {
    case "anytime":
      return `Looks ${looks}; anytime-valid t: e-values with a N(0, 4) prior on the effect size and the right Haar prior on the SD (Grünwald, de Heide and Koolen 2024; Wang and Ramdas 2025), as a confidence sequence (Howard et al. 2021). It holds at any look, planned or not. ${assumed}`;
    case "obrien-fleming":
      return `Looks ${looks}; O'Brien–Fleming-type spending (Lan and DeMets 1983) with bounds of t that are exact for unknown variance. ${assumed}`;
    case "pocock":
      return `Looks ${looks}; Pocock-type spending (Lan and DeMets 1983) with bounds of t that are exact for unknown variance. ${assumed}`;
  }
}

type Context = {
  metric: MetricWords;
  design: SequentialDesign | undefined;
  margin: number | null;
  alpha: number;
  trained: number;
  record: SequentialRecord | null;
};

const number = (value: SequentialPoint["estimate"]) => (value === null ? Number.NaN : decodeNumber(value));
const bounds = ({ low, high }: SequentialPoint["interval"]) => ({ low: number(low), high: number(high) });
const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;

/** "8 of at most 20 seeds", and how many of them have no pair. */
function seedsWords(seeds: number, n: number, design: SequentialDesign | undefined): string {
  const missing = n < seeds ? `, ${seeds - n} of them lacking a result on at least one side` : "";
  return `${seeds} of at most ${design?.maxSeeds} seeds${missing}`;
}

/** What one question has come to, in a sentence. */
export function sequentialVerdict(question: Omit<SequentialQuestion, "verdict">, context: Context): Verdict {
  const { metric, design, margin, alpha, trained, record } = context;
  const { settled, recorded, path } = question;
  const at = settled ?? recorded;
  const point = path.find(({ seeds }) => seeds === at?.seeds) ?? path.at(-1);
  const held = `error ${percent(alpha)} over all looks`;
  const basis = [
    ...(design ? [boundsWords(design)] : []),
    ...(design?.continuedFrom
      ? [
          `The study was planned with ${counted(design.continuedFrom, "seed")} and continued sequentially. Its bounds are valid by themselves; a claim by the fixed test of the first ${design.continuedFrom} seeds and one by these bounds can together be wrong in up to twice ${percent(alpha)}.`,
        ]
      : []),
    "One difference per seed, repeats averaged: the result is about new seeds, for these models, data and environments.",
  ];
  const say = (kind: Verdict["kind"], tone: Verdict["tone"], text: string): Verdict => ({
    kind,
    tone,
    sentence: `${question.question}: ${text}`,
    basis,
  });
  const interval = point ? bounds(point.interval) : { low: Number.NaN, high: Number.NaN };
  const oneSided = point ? bounds(point.oneSided) : { low: Number.NaN, high: Number.NaN };
  const words = metricFormat(metric, (interval.high - interval.low) / 2);
  const estimate = point ? number(point.estimate) : Number.NaN;
  const amount = `${estimate > 0 ? "+" : ""}${words.bareDifference(estimate)}${Number.isFinite(interval.low) ? ` ${words.differences(interval)}` : ` ${words.difference(estimate).split(" ").slice(1).join(" ")}`}`;
  const size = margin === null ? "" : `±${words.chosen(margin)}`;
  if (at && point) {
    const when = `settled after ${seedsWords(point.seeds, point.n, design)}; ${held}`;
    if (at.claim === "difference") {
      const small =
        margin !== null && oneSided.low > -margin && oneSided.high < margin
          ? ` It is nevertheless within ${size}, fixed beforehand.`
          : "";
      return say("pooled-shift", "attention", `mean ${metric.label} differs by ${amount} (${when}).${small}`);
    }
    return say(
      "equivalent",
      "good",
      `the mean difference in ${metric.label} lies within ${size}, fixed beforehand (${words.differences(oneSided)}; ${when}). Single runs can differ by more.`,
    );
  }
  const sought = design?.settle.includes("equivalence")
    ? design.settle.includes("difference")
      ? `neither a difference nor equivalence within ${size} is shown`
      : `equivalence within ${size} is not shown`
    : "no difference is shown";
  const soFar = point && Number.isFinite(estimate) ? ` The mean difference is ${amount}.` : "";
  if (record?.end) {
    return say(
      "inconclusive",
      "neutral",
      `not settled after ${seedsWords(trained, point?.n ?? 0, design)}: ${sought}.${soFar} Not showing a difference does not show equality.`,
    );
  }
  const next = design ? looksOf(design).find((seeds) => seeds > trained) : undefined;
  return say(
    "pending",
    "neutral",
    `not settled yet, after ${seedsWords(trained, point?.n ?? 0, design)}.${soFar}${next === undefined ? "" : ` The next look is at ${next} seeds.`}`,
  );
}
