import {
  canonicalJson,
  clipped,
  type ExistingRun,
  type Labelling,
  type Parameters,
  type ParameterValue,
  type StudyLabels,
} from "@reprise/contracts";
import { configurationKey } from "./digests.js";

/** Short names that practitioners use. */
const shortNames: Record<string, string> = {
  learningRate: "lr",
  batchSize: "batch",
  batchSizePerRank: "batch/rank",
  weightDecay: "wd",
  warmupSteps: "warm-up",
  hiddenUnits: "hidden",
  batchNorm: "BN",
  cropScale: "crop",
};

/** Parameters whose value says it all ("adam", not "optimizer adam"). */
const selfExplaining = ["optimizer", "model", "scheduler"];
const shownFirst = ["model", "optimizer", "learningRate"];

function byImportance(a: string, b: string): number {
  const rank = (name: string) => {
    const index = shownFirst.indexOf(name);
    return index < 0 ? shownFirst.length : index;
  };
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** Characters of a label; the values themselves stand on the run. */
const longestLabel = 64;

/**
 * How a label is written: short names and four digits; all digits; or so that texts, numbers and what is left out can be told
 * apart. `complete` names also what a configuration leaves out and others set.
 */
type Style = { detail: "short" | "full" | "exact"; complete: boolean };

const styles: Style[] = [
  { detail: "short", complete: false },
  { detail: "short", complete: true },
  { detail: "full", complete: false },
  { detail: "full", complete: true },
  { detail: "exact", complete: true },
];

function showValue(value: ParameterValue | undefined, detail: Style["detail"]): string {
  if (detail === "exact") return value === undefined ? "left out" : JSON.stringify(value);
  if (value === null || value === undefined) return "unset";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (Array.isArray(value)) return value.map((item) => showValue(item, detail)).join("-");
  if (typeof value === "number" && detail === "short") return String(Number(value.toPrecision(4)));
  return String(value);
}

/** Characters that values are clipped to where a label is too long, the longest first that makes it fit. */
const valueLengths = [48, 32, 24, 16, 12, 8];

function labelFrom(params: Parameters, names: readonly string[], { detail, complete }: Style): string {
  const parts = names
    .filter((name) => complete || name in params)
    .map((name) => {
      const value = params[name];
      const bare = detail === "short" && typeof value === "string" && selfExplaining.includes(name);
      const shown = (detail === "short" ? shortNames[name] : undefined) ?? name;
      return { name: bare ? "" : `${shown} `, text: showValue(value, detail) };
    });
  const joined = (most: number) => parts.map(({ name, text }) => name + clipped(text, most)).join(" · ");
  const fits = (label: string) => [...label].length <= longestLabel;
  const whole = joined(Number.POSITIVE_INFINITY);
  if (fits(whole)) return whole;
  const most = valueLengths.find((length) => fits(joined(length)));
  return most === undefined ? clipped(joined(12), longestLabel) : joined(most);
}

/** Names of the parameters that are not the same in all configurations, the telling ones first. Null is unset, as what is left out. */
export function variedParameters(configurations: readonly Parameters[]): string[] {
  return unlike(configurations, (params, name) => canonicalJson(params[name]));
}

function unlike(
  configurations: readonly Parameters[],
  textOf: (params: Parameters, name: string) => string,
): string[] {
  const names = [...new Set(configurations.flatMap((params) => Object.keys(params)))];
  return names
    .filter((name) => new Set(configurations.map((params) => textOf(params, name))).size > 1)
    .sort(byImportance);
}

/** What labels of a style name: what varies, and in the last resort also what one sets to null and another leaves out. */
function named(configurations: readonly Parameters[], { detail }: Style): string[] {
  if (detail !== "exact") return variedParameters(configurations);
  return unlike(configurations, (params, name) => (name in params ? canonicalJson(params[name]) : ""));
}

/** A label as the eye takes it: spaces at an end and other forms of a letter tell nothing apart. */
const seenAs = (label: string) => label.normalize("NFKC").replaceAll(/\s+/g, " ").trim();

type Made = { labels: string[]; names: readonly string[]; style: number | null };

function makeLabels(configurations: readonly Parameters[], given: readonly (string | undefined)[]): Made {
  const [only] = configurations;
  if (only && configurations.length === 1) {
    const own = labelFrom(only, ["optimizer", "learningRate"], { detail: "short", complete: false });
    return { labels: [given[0] ?? (own || "one configuration")], names: [], style: null };
  }
  let last: string[] = [];
  for (const [index, style] of styles.entries()) {
    const names = named(configurations, style);
    last = configurations.map((params, at) => given[at] ?? labelFrom(params, names, style));
    const seen = new Set(last.map(seenAs));
    if (seen.size === last.length && !seen.has("")) return { labels: last, names, style: index };
  }
  const labels = last.map((label, index) => {
    if (given[index] !== undefined) return given[index];
    const key = ` (${configurationKey(configurations[index] ?? {}).slice(0, 6)})`;
    return clipped(label, longestLabel - key.length) + key;
  });
  return { labels, names: [], style: null };
}

/**
 * One readable label per configuration of at most 64 characters: the one that was given, else one made from what varies between
 * all of them ("adam · lr 0.01"). Falls back to full names and digits, to quoted values, and at last to the beginning of the
 * configuration's key. A lone configuration is named after its optimizer and learning rate.
 */
export function configurationLabels(
  configurations: readonly Parameters[],
  given: readonly (string | undefined)[] = [],
): string[] {
  return makeLabels(configurations, given).labels;
}

/** Whether a label looks like no other that is written otherwise, so that unequal texts are unlike to the eye too. */
const isPlain = (label: string) => label !== "" && label === seenAs(label) && !/\p{Cc}/u.test(label);

/**
 * The label of a further configuration, where it differs from the others only in what their labels name; null where all labels
 * may have to be made anew, or it could look like another one. It still has to be compared with theirs.
 */
export function labelIn(labelling: Labelling, params: Parameters, given?: string): string | null {
  const style = styles[labelling.style];
  if (style === undefined) return null;
  const named = new Set(labelling.names);
  const isShared = (name: string) => canonicalJson(params[name]) === canonicalJson(labelling.example[name]);
  const others = [...Object.keys(params), ...Object.keys(labelling.example)].filter(
    (name) => !named.has(name),
  );
  if (!others.every(isShared)) return null;
  const label = given ?? labelFrom(params, labelling.names, style);
  return isPlain(label) ? label : null;
}

/** A configuration of a study, with its label and whether somebody chose that. */
type Labelled = Pick<ExistingRun, "configurationKey" | "configurationLabel" | "labelGiven" | "params">;

/**
 * The labels of the configurations of a study by key, made anew from what now varies between them; labels that were given stay.
 * Of several runs of a configuration the first counts, and a given label above one that was made.
 */
export function labelsOf(runs: readonly Labelled[]): StudyLabels {
  const configurations = new Map<string, Labelled>();
  for (const run of runs) {
    const known = configurations.get(run.configurationKey);
    if (!known || (run.labelGiven && !known.labelGiven)) configurations.set(run.configurationKey, run);
  }
  const each = [...configurations.values()];
  const { labels, names, style } = makeLabels(
    each.map(({ params }) => params),
    each.map(({ labelGiven, configurationLabel }) => (labelGiven ? configurationLabel : undefined)),
  );
  const [first] = each;
  // In the last style a value that is null varies beside one that is left out: there all configurations have to be seen.
  const lasts = first && style !== null && styles[style]?.detail !== "exact" && labels.every(isPlain);
  return {
    labels: new Map(
      each.map(({ configurationKey: key, labelGiven }, index) => [
        key,
        { label: labels[index] ?? key, given: labelGiven },
      ]),
    ),
    labelling: lasts ? { names: [...names], style, example: first.params } : null,
  };
}
