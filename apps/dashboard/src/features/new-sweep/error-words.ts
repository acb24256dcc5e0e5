import type { FieldError } from "@reprise/contracts";

const nouns: Readonly<Record<string, string>> = {
  name: "The name",
  description: "The description",
  trainer: "The trainer",
  dataset: "The data set",
  "dataset.name": "The data set",
  task: "The task",
  seeds: "The list of seeds",
  tags: "The list of tags",
  "search.method": "The search method",
  "search.samples": "The number of configurations",
  "search.seed": "The seed of the draws",
  "analysisPlan.primaryMetric": "The primary metric",
  "analysisPlan.correction": "The correction",
  "analysisPlan.alpha": "The level alpha",
  "design.maxSeeds": "The largest number of seeds",
  "design.looks": "The list of looks",
};

const ends: Readonly<Record<string, string>> = {
  min: "The lower end of",
  max: "The upper end of",
  scale: "The scale of",
  steps: "The number of values of",
  integer: "“integer” of",
};

const patterns: readonly [RegExp, (found: readonly string[]) => string][] = [
  [/^seeds\.\d+$/, () => "A seed"],
  [/^base\.(.+)$/, ([name = ""]) => name],
  [
    /^search\.parameters\.(.+)\.(min|max|scale|steps|integer)$/,
    ([name = "", end = ""]) => `${ends[end] ?? end} ${name}`,
  ],
  [/^search\.parameters\.(.+)\.(\d+)$/, ([name = ""]) => `A value of ${name}`],
  [/^search\.parameters\.(.+)$/, ([name = ""]) => name],
  [
    /^search\.configurations\.(\d+)\.(.+)$/,
    ([index = "", name = ""]) => `In configuration ${Number(index) + 1}, ${name}`,
  ],
  [/^modes\.deterministic\.repeats$/, () => "The number of repeats of det"],
  [/^modes\.nondeterministic\.repeats$/, () => "The number of repeats of free"],
  [/^arms\.(\d+)\.repeats$/, ([index = ""]) => `The number of repeats of arm ${Number(index) + 1}`],
  [/^analysisPlan\.margin\.(.+)$/, ([metric = ""]) => `The margin of ${metric}`],
];

/** What a place of the document is called by somebody who reads the form. */
function nounOf(path: string): string {
  const plain = nouns[path];
  if (plain !== undefined) return plain;
  for (const [pattern, noun] of patterns) {
    const found = pattern.exec(path);
    if (found) return noun(found.slice(1));
  }
  return path;
}

/** Messages that only want a subject. */
const predicate = /^(must|may|is|are|would|needs?|has|have|cannot|does|gives?|names?|runs)\b/;

/** A mistake as a sentence about what the reader sees: "The name may have 120 characters; it has 126." */
export function errorSentence({ path, message, value, suggestion }: FieldError): string {
  const [, unknown, of = ""] = /^unknown (\w+)( .+)?$/.exec(message) ?? [];
  const last = path.split(".").at(-1) ?? "";
  // A name of the document begins a sentence as it is written.
  let sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
  if (unknown === "key") sentence = `There is no field “${last}” here`;
  else if (unknown) sentence = `There is no ${unknown} ${value ?? ""}${of}`;
  else if (path !== "" && predicate.test(message)) sentence = `${nounOf(path)} ${message}`;
  const ended = /[.?!]$/.test(sentence) ? sentence : `${sentence}.`;
  return suggestion ? `${ended} ${suggestion}` : ended;
}
