import type { Verdict, WireNumber } from "@reprise/contracts";
import type { MetricWords } from "./metric-words.js";

/** Minus as typographers have it, so that intervals read "[−1.2, 0.8]". */
const withMinus = (text: string) => text.replace(/-/g, "−");

/** Decimals that show an uncertainty with two significant digits; at most 8. */
export function decimalsFor(uncertainty: number): number {
  if (!Number.isFinite(uncertainty) || uncertainty <= 0) return 4;
  return Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(uncertainty))));
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** "1.5×10⁻⁷" */
export function scientific(value: number, decimals = 1): string {
  const [digits = "", exponent = "0"] = value.toExponential(decimals).split("e");
  const power = String(Math.abs(Number(exponent))).replace(/\d/g, (digit) =>
    superscripts.charAt(Number(digit)),
  );
  return `${digits}×10${Number(exponent) < 0 ? "⁻" : ""}${power}`;
}

/** Numbers of one metric in words, all rounded by the same uncertainty (given in the metric's own unit). */
export type MetricFormat = {
  /** A level: "96.5 %" of a fraction, "0.123 nats". */
  level: (value: number) => string;
  /** A level without its unit. */
  bareLevel: (value: number) => string;
  /** A difference or spread: "1.2 pp", "0.012 nats", "1.5×10⁻⁷ nats". */
  difference: (value: number) => string;
  bareDifference: (value: number) => string;
  /** "[94.4, 97.0] %" */
  levels: (bounds: { low: number; high: number }) => string;
  /** "[−1.2, 0.8] pp" */
  differences: (bounds: { low: number; high: number }) => string;
  /** A number that was chosen, not measured: "1 pp". */
  chosen: (value: number) => string;
};

/**
 * How to write a metric whose uncertainty (in its own unit) is given. Fractions are shown in percent; their differences, and
 * those of percentages, in pp.
 */
export function metricFormat({ unit }: Pick<MetricWords, "unit">, uncertainty: number): MetricFormat {
  const isFraction = unit === "fraction";
  const isShare = isFraction || unit === "percent";
  const scale = isFraction ? 100 : 1;
  const isKnown = Number.isFinite(uncertainty) && uncertainty > 0;
  const decimals = isKnown ? decimalsFor(uncertainty * scale) : isShare ? 2 : 4;
  const fixed = (value: number) => {
    if (!Number.isFinite(value)) return withMinus(String(value));
    const text = (value * scale).toFixed(decimals);
    return withMinus(Number(text) === 0 ? text.replace("-", "") : text);
  };
  const bareDifference = (value: number) =>
    decimals > 5 && Number.isFinite(value) && value !== 0
      ? withMinus(scientific(value * scale))
      : fixed(value);
  const suffix = unit === "" || isShare ? "" : ` ${unit}`;
  const levelUnit = isShare ? " %" : suffix;
  const differenceUnit = isShare ? " pp" : suffix;
  return {
    bareLevel: fixed,
    level: (value) => `${fixed(value)}${levelUnit}`,
    bareDifference,
    difference: (value) => `${bareDifference(value)}${differenceUnit}`,
    levels: ({ low, high }) => `[${fixed(low)}, ${fixed(high)}]${levelUnit}`,
    differences: ({ low, high }) => `[${bareDifference(low)}, ${bareDifference(high)}]${differenceUnit}`,
    chosen: (value) => `${Number((value * scale).toPrecision(3))}${differenceUnit}`,
  };
}

/** "p = 0.031", "p < 0.001"; one digit more when rounding would hide on which side of `alpha` it lies. */
export function pText(p: number, alpha = 0.05): string {
  if (Number.isNaN(p)) return "p undefined";
  if (p < 0.001) return "p < 0.001";
  if (p > 0.99) return "p > 0.99";
  const decimals = [p < 0.1 ? 3 : 2, 4, 5].find((d) => Number(p.toFixed(d)) < alpha === p < alpha) ?? 6;
  return `p = ${p.toFixed(decimals)}`;
}

/** Degrees of freedom with one decimal; those of a variance that is known are "∞". */
export const degreesText = (df: number): string => (Number.isFinite(df) ? df.toFixed(1) : "∞");

/** "a", "a and b", "a, b and c". */
export function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** "both" or "all 5" */
export const allOf = (count: number): string => (count === 2 ? "both" : `all ${count}`);

/** "1 run", "3 runs". */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}

/** A sentence about one configuration: whole, and as it reads below that configuration's name. */
export function aboutConfiguration(
  configuration: string,
  statement: string,
  { joint = ": ", isPlanned = true }: { joint?: string; isPlanned?: boolean } = {},
): Required<Pick<Verdict, "sentence" | "about">> {
  const below = planned(isPlanned, statement);
  return {
    sentence: plannedOf(isPlanned, `${configuration}${joint}${statement}`),
    about: { configuration, statement: below.charAt(0).toUpperCase() + below.slice(1) },
  };
}

/** A verdict of several sentences, of which the first may stand alone. */
export function sentencesOf(all: readonly string[]): Pick<Verdict, "sentence" | "rest"> {
  const said = all.filter((sentence) => sentence !== "");
  return { sentence: said.join(" "), ...(said.length > 1 ? { rest: said.slice(1).join(" ") } : {}) };
}

const chosenLater = "Chosen after seeing results: ";

/** Words that begin sentences of ours. */
const openings =
  /^(A|All|Both|Deterministic|Executions|Free|No|None|One|Only|Runs|Spread|Taken|The|There|Training|Two|Values|With)(?=[ ,]|-sample )/;

/** A sentence of ours as it stands after a colon or a comma. One that begins with a name must not come here: it keeps its capital. */
export const afterColon = (sentence: string): string =>
  openings.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;

/**
 * A sentence of a study whose runs have not all ended.
 *
 * @param names that a sentence may begin with, such as those of configurations; they keep their capital
 */
export const soFar = (sentence: string, names: readonly string[] = []): string => {
  const isNamed = names.some(
    (name) => sentence.startsWith(name) && ":, ".includes(sentence.charAt(name.length)),
  );
  if (!isNamed && sentence.startsWith(chosenLater))
    return `So far, chosen after seeing results: ${sentence.slice(chosenLater.length)}`;
  return `So far: ${isNamed ? sentence : afterColon(sentence)}`;
};

/** A whole percentage without false precision: "51 %". */
export function wholePercent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}

/** A statement that begins with a name, and what stands before it where its comparison was not in the plan. */
export function plannedOf(isPlanned: boolean, sentence: string): string {
  return isPlanned ? sentence : `${chosenLater}${sentence}`;
}

/** The same of a sentence of ours. */
export const planned = (isPlanned: boolean, sentence: string): string =>
  plannedOf(isPlanned, isPlanned ? sentence : afterColon(sentence));

export const correctionNames = { holm: "Holm", bh: "Benjamini–Hochberg", none: "no correction" } as const;

/** ", cut at the bounds of the metric": of intervals that reach the end of its range. */
export function cutWords(
  { check }: Pick<MetricWords, "check">,
  intervals: readonly { low: WireNumber | null; high: WireNumber | null }[],
): string {
  const { low = null, high = null } = check?.range ?? {};
  const cut = intervals.some(
    (interval) => (low !== null && interval.low === low) || (high !== null && interval.high === high),
  );
  return cut ? ", intervals cut at the bounds of the metric" : "";
}

/** "Decision curve", of `decisionCurve`. */
export const nameInWords = (name: string): string =>
  name.charAt(0).toUpperCase() + name.slice(1).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
