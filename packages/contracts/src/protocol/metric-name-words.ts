import type { MetricSplit } from "./metric-info.js";

/** The words of a metric's name, in lower case: `testTopFive`, `test/top_five` and `test top-five` have the same. */
export function nameWords(key: string): string[] {
  return key
    .replace(/(\p{Ll}|\p{Nd})(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

const splitWords: Readonly<Record<string, MetricSplit>> = {
  train: "train",
  training: "train",
  val: "validation",
  valid: "validation",
  validation: "validation",
  dev: "validation",
  test: "test",
  testing: "test",
};

const splitOfWord = (word: string) => (Object.hasOwn(splitWords, word) ? (splitWords[word] ?? null) : null);

/** The words of a name without those that say the part of the data: of `acc_test`, `test/acc` and `testAcc` the same. */
export const wordsBesideSplit = (key: string) => nameWords(key).filter((word) => splitOfWord(word) === null);

/** The part of the data that the words of a name speak of; null where they name none, or several. */
export function splitOfName(key: string): MetricSplit | null {
  const splits = new Set(nameWords(key).flatMap((word) => splitOfWord(word) ?? []));
  const [split] = splits;
  return splits.size === 1 && split ? split : null;
}

const noResult = [
  "lr",
  "learning rate",
  "weight decay",
  "momentum",
  "epoch",
  "step",
  "batch size",
  "grad norm",
];

/** Whether a name is of what loggers report beside results: a hyperparameter at its moment, or a counter. */
export function isNoResult(key: string): boolean {
  const words = ` ${wordsBesideSplit(key).join(" ")} `;
  return noResult.some((name) => words.endsWith(` ${name} `)) || words.startsWith(" lr ");
}
