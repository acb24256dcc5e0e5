import type { DeclaredMetric, KnownBy, MetricInfo, MetricRange } from "./metric-info.js";
import { splitOfName, wordsBesideSplit } from "./metric-name-words.js";

/** A metric with nothing left open, and how it is known. */
export type MetricFacts = Required<Omit<MetricInfo, "tasks">> & {
  by: Record<"unit" | "direction" | "range" | "split", KnownBy>;
};
type Guess = Omit<Required<MetricInfo>, "key" | "label" | "split" | "chosenOn" | "tasks">;

const loss: Guess = {
  direction: "minimize",
  unit: "nats",
  range: { low: 0, high: null },
  chance: null,
  loss: true,
  binaryOnly: false,
  counts: null,
};
const share: Guess = {
  direction: "maximize",
  unit: "fraction",
  range: { low: 0, high: 1 },
  chance: null,
  loss: false,
  binaryOnly: false,
  counts: "cases",
};
const unknown: Guess = {
  direction: null,
  unit: "",
  range: { low: null, high: null },
  chance: null,
  loss: false,
  binaryOnly: false,
  counts: null,
};

const ofOneClass: Guess = { ...share, binaryOnly: true, counts: "oneClass" };
const area: Guess = { ...share, chance: 0.5, counts: null };

/** The one place where the name of a metric says anything: by the words that it ends with. */
const guesses: readonly [words: readonly string[], guess: Guess][] = [
  [["loss"], loss],
  [["balanced", "accuracy"], { ...share, chance: "1/classes" }],
  [["accuracy"], share],
  [["acc"], share],
  [["auc"], area],
  [["auroc"], area],
  [["f1"], { ...share, counts: "oneClass" }],
  [["sensitivity"], ofOneClass],
  [["specificity"], ofOneClass],
  [["recall"], { ...share, counts: "oneClass" }],
  [["precision"], { ...share, counts: null }],
];
const rate = /(BalancedAccuracy|Accuracy|Auc|F1|Sensitivity|Specificity)$/;

function guessOf(key: string): Guess | undefined {
  const words = wordsBesideSplit(key).join(" ");
  return guesses.find(([ending]) => ` ${words}`.endsWith(` ${ending.join(" ")}`))?.[1];
}

/** What is guessed of a metric whose unit somebody has said. */
function guessBeside(unit: string, guess: Guess | undefined): Guess {
  if (guess?.unit === unit) return guess;
  const open: Guess = { ...unknown, unit, direction: guess?.direction ?? null, range: rangeOfUnit(unit) };
  if (unit === "fraction") return { ...open, counts: share.counts };
  if (unit !== "percent") return open;
  if (guess?.unit !== "fraction") return { ...open, counts: share.counts };
  const { chance, binaryOnly, counts } = guess;
  return { ...open, chance: typeof chance === "number" ? 100 * chance : chance, binaryOnly, counts };
}

/** The range that a unit has by itself. */
function rangeOfUnit(unit: string): MetricRange {
  if (unit === "fraction") return share.range;
  return unit === "percent" ? { low: 0, high: 100 } : unknown.range;
}

/** The words of a camelCase name; any other name is written as its owner wrote it. */
function wordsOf(key: string): string {
  if (!/^[a-z][A-Za-z0-9]*$/.test(key)) return key;
  const words = key.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.replace(/\bauc\b/, "AUC").replace(/\bf1\b/, "F1");
}

/** Of several that have declared a field, the last one: what was declared afterwards, else the study, else the trainer. */
function saidOf<Field extends keyof MetricInfo>(
  declared: readonly DeclaredMetric[],
  field: Field,
): { value: DeclaredMetric[Field]; by: KnownBy } | undefined {
  const last = declared.findLast((metric) => metric[field] !== undefined);
  return last && { value: last[field], by: last.by ?? "trainer" };
}

/**
 * What is known of a metric: as its trainer announced it and its study declares it. What these leave open is guessed from its
 * name, and `by` says so. A guess is not checked here against any value: see the analyses.
 */
export function metricFacts(key: string, announced: readonly DeclaredMetric[]): MetricFacts {
  const declared = announced.filter((metric) => metric.key === key);
  const guess = guessOf(key);
  const said = <Field extends keyof MetricInfo>(field: Field) => saidOf(declared, field)?.value;
  const by = (field: keyof MetricInfo, guessed: unknown): KnownBy =>
    saidOf(declared, field)?.by ?? (guessed === null || guessed === "" ? "unknown" : "guess");
  const unit = said("unit") ?? guess?.unit ?? "";
  const open = guessBeside(unit, guess);
  const direction = said("direction");
  const chosen = direction === undefined ? open.direction : direction;
  const split = said("split");
  const chance = said("chance");
  const counts = said("counts");
  const unitBy = by("unit", unit);
  const ofUnit = rangeOfUnit(unit);
  const isOfUnit = ofUnit.low === open.range.low && ofUnit.high === open.range.high;
  const isLimited = open.range.low !== null || open.range.high !== null;
  return {
    key,
    label: said("label") || wordsOf(key),
    direction: chosen,
    unit,
    split: split === undefined ? splitOfName(key) : split,
    range: said("range") ?? open.range,
    chosenOn: said("chosenOn") ?? null,
    chance: chance === undefined ? open.chance : chance,
    loss: said("loss") ?? (unitBy === "guess" ? open.loss : chosen === "minimize" && unit !== "fraction"),
    binaryOnly: said("binaryOnly") ?? open.binaryOnly,
    counts: counts === undefined ? open.counts : counts,
    by: {
      unit: unitBy,
      direction: by("direction", open.direction),
      range: saidOf(declared, "range")?.by ?? (isOfUnit ? unitBy : isLimited ? "guess" : "unknown"),
      split: by("split", splitOfName(key)),
    },
  };
}

/** The chance level of a metric on data of so many classes, in its unit; null where it is not known. */
export function chanceLevel(
  { chance, unit }: Pick<MetricFacts, "chance" | "unit">,
  classes: number | undefined,
): number | null {
  if (chance !== "1/classes") return chance;
  return classes ? (unit === "percent" ? 100 : 1) / classes : null;
}

/** The key of the loss that is measured on the same cases as a rate; null where there is none. */
export function lossBeside(key: string, announced: readonly DeclaredMetric[]): string | null {
  const info = announced.findLast((metric) => metric.key === key && metric.unit !== undefined);
  const guess = rate.test(key) ? key.replace(rate, "Loss") : null;
  if (!info) return guess;
  if (info.unit !== "fraction" && info.unit !== "percent") return null;
  const { split } = metricFacts(key, announced);
  const losses = announced.filter((other) => metricFacts(other.key, announced).loss);
  return losses.find((other) => split !== null && other.split === split)?.key ?? guess;
}
