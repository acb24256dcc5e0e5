import type { MetricInfo } from "./capabilities.js";

/** A metric with nothing left open. */
export type MetricFacts = Required<MetricInfo>;
type Guess = Omit<MetricFacts, "key" | "label" | "split">;

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

/** The one place where the name of a metric says anything. */
const guesses: readonly [name: RegExp, guess: Guess][] = [
  [/loss$/i, loss],
  [/BalancedAccuracy$/, { ...share, chance: "1/classes" }],
  [/Accuracy$/, share],
  [/Auc$/, { ...share, chance: 0.5, counts: null }],
  [/F1$/, { ...share, counts: "oneClass" }],
  [/(Sensitivity|Specificity)$/, { ...share, binaryOnly: true, counts: "oneClass" }],
];
const rate = /(BalancedAccuracy|Accuracy|Auc|F1|Sensitivity|Specificity)$/;

const guessOf = (key: string) => guesses.find(([name]) => name.test(key))?.[1];

/** The words of a camelCase name; any other name is written as its owner wrote it. */
function wordsOf(key: string): string {
  if (!/^[a-z][A-Za-z0-9]*$/.test(key)) return key;
  const words = key.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.replace(/\bauc\b/, "AUC").replace(/\bf1\b/, "F1");
}

/**
 * What is known of a metric: as a trainer announced it. What the announcement leaves open (former trainers say less), and
 * all of a metric that nobody announced (of logged runs), is guessed from its name.
 */
export function metricFacts(key: string, announced: readonly MetricInfo[]): MetricFacts {
  const info = announced.find((metric) => metric.key === key);
  const guess = guessOf(key);
  if (!info) return { key, label: wordsOf(key), split: null, ...(guess ?? unknown) };
  const isFraction = info.unit === "fraction";
  const open = guess ?? { ...unknown, ...(isFraction ? { counts: share.counts } : {}) };
  return {
    ...info,
    label: info.label === "" ? wordsOf(key) : info.label,
    range: info.range ?? open.range,
    chance: info.chance === undefined ? open.chance : info.chance,
    loss: info.loss ?? (info.direction === "minimize" && !isFraction),
    binaryOnly: info.binaryOnly ?? open.binaryOnly,
    counts: info.counts === undefined ? open.counts : info.counts,
  };
}

/** The chance level of a metric on data of so many classes; null where it is not known. */
export function chanceLevel(
  { chance }: Pick<MetricFacts, "chance">,
  classes: number | undefined,
): number | null {
  if (chance !== "1/classes") return chance;
  return classes ? 1 / classes : null;
}

/** The key of the loss that is measured on the same cases as a rate; null where there is none. */
export function lossBeside(key: string, announced: readonly MetricInfo[]): string | null {
  const info = announced.find((metric) => metric.key === key);
  const guess = rate.test(key) ? key.replace(rate, "Loss") : null;
  if (!info) return guess;
  if (info.unit !== "fraction") return null;
  const losses = announced.filter((other) => metricFacts(other.key, announced).loss);
  return losses.find(({ split }) => split !== null && split === info.split)?.key ?? guess;
}
