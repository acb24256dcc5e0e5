import {
  type DeclaredMetric,
  decodeNumber,
  type KnownBy,
  type MetricFacts,
  type MetricRange,
  metricFacts,
  type Run,
  type Verdict,
  type WireNumber,
} from "@reprise/contracts";
import { hasDeparted } from "../claims/departures.js";
import type { MetricCheck } from "./metric-words.js";
import { counted, joinWords, sentencesOf } from "./words.js";

/** Values of a metric in one run: the one that stands for it, and between which all lie. */
export type SeenValues = { name: string; value: number; low: number; high: number };

const boundless: MetricRange = { low: null, high: null };
/** A share that was summed up in single precision. */
const rounding = 1e-6;

const isOutside = ({ low, high }: MetricRange, value: number) =>
  (low !== null && value < low - rounding) || (high !== null && value > high + rounding);

type NamedRun = Pick<Run, "configurationLabel" | "seed" | "arm" | "repeat">;

const nameOfRun = ({ configurationLabel, seed, arm, repeat }: NamedRun) =>
  `${configurationLabel}, seed ${seed}, ${arm}, repeat ${repeat}`;

/** What is seen of a run; nothing where no value is finite. */
export function seenOf(
  run: NamedRun,
  { value, min, max }: { value: number; min: number; max: number },
): SeenValues[] {
  const finite = [value, min, max].filter(Number.isFinite);
  return finite.length === 0
    ? []
    : [{ name: nameOfRun(run), value, low: Math.min(...finite), high: Math.max(...finite) }];
}

const shown = (value: number) => String(Number(value.toPrecision(5))).replace("-", "−");
const between = (values: readonly number[]) => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? shown(low) : `${shown(low)} to ${shown(high)}`;
};

const decoded = (value: WireNumber | null) => (value === null ? Number.NaN : decodeNumber(value));

/** What is seen of a metric in runs of a study; runs that were excluded by hand, or did not run as requested, are not looked at. */
export function seenIn(runs: readonly Run[], key: string): SeenValues[] {
  return runs.flatMap((run) => {
    const summary = run.summary[key];
    if (!summary || run.purpose !== "study" || run.excludedReason !== null || hasDeparted(run)) return [];
    return seenOf(run, {
      value: decoded(summary.selected ?? summary.last),
      min: decoded(summary.min),
      max: decoded(summary.max),
    });
  });
}

/** A label at the beginning of a sentence; a name that its owner wrote stays as it is. */
const subject = ({ key, label }: MetricFacts) =>
  label === key ? label : label.charAt(0).toUpperCase() + label.slice(1);

const rangeWords = ({ low, high }: MetricRange) =>
  low === null
    ? `up to ${shown(high ?? 0)}`
    : high === null
      ? `${shown(low)} or more`
      : `${shown(low)} to ${shown(high)}`;

/** How a metric is declared, in a study that is to come and in one that is there. */
export function howToDeclare(key: string, said = "unit: percent"): string {
  return `declare metrics: { ${JSON.stringify(key)}: { ${said} } } in the document of the study, or with PATCH /sweeps/{id} if the study already exists. A unit is fraction, percent or any short word.`;
}

const whoDeclared: Record<KnownBy, string> = {
  trainer: "its trainer",
  study: "the study",
  afterwards: "a declaration made after the study was written",
  guess: "its name",
  unknown: "nobody",
};

/** Two scales among the values that stand for runs: some could be fractions, others cannot. */
function refusalOf(seen: readonly SeenValues[], facts: MetricFacts): Verdict | null {
  const { key, unit, by } = facts;
  if (unit !== "fraction") return null;
  const measured = seen.filter(({ value }) => Number.isFinite(value));
  const within = measured.filter(({ value }) => !isOutside({ low: 0, high: 1 }, value));
  const above = measured.filter(({ value }) => value > 1 + rounding);
  if (within.length === 0 || above.length === 0) return null;
  const list = (members: readonly SeenValues[]) =>
    `${joinWords(members.slice(0, 4).map(({ name, value }) => `${shown(value)} (${name})`))}${members.length > 4 ? ` and ${members.length - 4} more` : ""}`;
  const values = (members: readonly SeenValues[]) => between(members.map(({ value }) => value));
  return {
    kind: "unit",
    tone: "attention",
    ...sentencesOf([
      `${subject(facts)} is not compared: its values are on different scales.`,
      `${counted(within.length, "run")} ${within.length === 1 ? "lies" : "lie"} between 0 and 1 (${values(within)}), ${above.length} above (${values(above)}), as fractions and percentages do${by.unit === "guess" ? ", and nothing declares its unit" : `, and ${whoDeclared[by.unit]} declares a fraction`}.`,
    ]),
    basis: [
      `Within 0 and 1: ${list(within)}.`,
      `Above 1: ${list(above)}.`,
      `Log the runs of one scale again on the other, or exclude them. If all are on one scale, ${howToDeclare(key)}`,
    ],
  };
}

/** What was declared of a range, and values that contradict it. */
function violations(seen: readonly SeenValues[], facts: MetricFacts): Verdict[] {
  const { unit, range, by } = facts;
  const outside = seen.filter(({ low, high }) => isOutside(range, low) || isOutside(range, high));
  if (outside.length === 0 || by.range === "guess" || by.range === "unknown") return [];
  const [first] = outside;
  if (!first) return [];
  const worst = isOutside(range, first.high) ? first.high : first.low;
  return [
    {
      kind: "unit",
      tone: "attention",
      sentence: `${subject(facts)} is declared as ${unit === "" ? "a number" : unit} between ${rangeWords(range).replace(" to ", " and ")} by ${whoDeclared[by.range]}, and ${outside.length} of ${counted(seen.length, "run")} ${outside.length === 1 ? "has" : "have"} values outside: ${shown(worst)} in ${first.name}${outside.length > 1 ? `, and ${outside.length - 1} more` : ""}.`,
      basis: ["No value is cut off: figures and intervals use the values as reported."],
    },
  ];
}

/** A guessed range that values lie outside of. */
function droppedNote(seen: readonly SeenValues[], { key, label, unit, range }: MetricFacts): string | null {
  const outside = seen.filter(({ low, high }) => isOutside(range, low) || isOutside(range, high));
  if (outside.length === 0) return null;
  const every = outside.length === seen.length;
  const where =
    seen.length === 1
      ? "The one run has"
      : every
        ? `${seen.length === 2 ? "Both" : `All ${seen.length}`} runs have`
        : `${outside.length} of ${seen.length} runs ${outside.length === 1 ? "has" : "have"}`;
  const what = unit === "fraction" ? "a fraction" : `a quantity in ${unit}`;
  const spans = unit === "fraction" ? outside.filter(({ low, high }) => low > 0 && low <= 1 && high > 1) : [];
  const [both] = spans;
  const change = both
    ? ` In ${spans.length === 1 && outside.length === 1 ? "it" : `${spans.length} of these`} the history also has values between 0 and 1 (${shown(both.low)} to ${shown(both.high)} in ${both.name}): a percentage that began low, or a run that changed its scale.`
    : "";
  return `${where} values of ${label} outside ${rangeWords(range)} (${between(outside.flatMap(({ low, high }) => [low, high]))}), so it is not ${what} as its name suggests: it is shown as plain numbers, and its unit and range are unknown.${change} If that is wrong, ${howToDeclare(key, unit === "fraction" ? undefined : `unit: ${unit}, range: { low: null, high: null }`)}`;
}

const units: Readonly<Record<string, string>> = {
  fraction: "a fraction, shown in percent",
  percent: "percent",
};

/** What is taken from the name alone, in words. */
function guessNote({ label, unit, direction, by }: MetricFacts): string[] {
  const guessed = [
    ...(by.unit === "guess" ? [`unit (${units[unit] ?? unit})`] : []),
    ...(by.direction === "guess" && direction !== null
      ? [`direction (${direction === "maximize" ? "larger" : "smaller"} is better)`]
      : []),
  ];
  if (guessed.length === 0) return [];
  const words = joinWords(guessed);
  return [
    `${words.charAt(0).toUpperCase()}${words.slice(1)} of ${label} ${guessed.length === 1 ? "is" : "are"} guessed from its name; the study can declare ${guessed.length === 1 ? "it" : "them"} under "metrics".`,
  ];
}

/** Percentages that could be fractions. */
function suspicion(seen: readonly SeenValues[], facts: MetricFacts): string[] {
  const { unit, by } = facts;
  const measured = seen.filter(({ value }) => Number.isFinite(value) && value > 0);
  const small = measured.filter(({ value }) => value <= 1);
  const large = measured.filter(({ value }) => value >= 10);
  if (unit !== "percent" || small.length === 0 || large.length === 0) return [];
  return [
    `${subject(facts)} is declared as percent by ${whoDeclared[by.unit]}; ${counted(small.length, "run")} ${small.length === 1 ? "lies" : "lie"} between 0 and 1 (${between(small.map(({ value }) => value))}) beside ${large.length} at 10 or more: check whether the values up to 1 were logged as fractions.`,
  ];
}

/**
 * What is known of a metric, held against its values in runs. A guess that values contradict is dropped; a declaration
 * that they contradict stands, and the contradiction is said; values on two scales are not compared.
 */
export function checkMetric(
  key: string,
  declared: readonly DeclaredMetric[],
  seen: readonly SeenValues[],
): { facts: MetricFacts; check: MetricCheck } {
  const facts = metricFacts(key, declared);
  const refusal = refusalOf(seen, facts);
  const broken = violations(seen, facts);
  const note = facts.by.range === "guess" ? droppedNote(seen, facts) : null;
  const unitFalls = note !== null && facts.by.unit === "guess";
  const kept: MetricFacts = unitFalls
    ? {
        ...facts,
        ...{ unit: "", chance: null, counts: null },
        by: { ...facts.by, unit: "unknown", range: "unknown" },
      }
    : facts;
  const range = note === null && broken.length === 0 ? facts.range : boundless;
  return {
    facts: { ...kept, range },
    check: {
      ...{ range, by: kept.by, refusal },
      verdicts: [...(refusal ? [refusal] : []), ...broken],
      notes: [...(refusal || note === null ? [] : [note]), ...suspicion(seen, facts)],
      guesses: guessNote(kept),
    },
  };
}
