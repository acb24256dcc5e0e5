import {
  canonicalJson,
  clipped,
  type ExistingRun,
  type Parameters,
  type ParameterValue,
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

/**
 * One readable label per configuration of at most 64 characters: the one that was given, else one made from what varies between
 * all of them ("adam · lr 0.01"). Falls back to full names and digits, to quoted values, and at last to the beginning of the
 * configuration's key. A lone configuration is named after its optimizer and learning rate.
 */
export function configurationLabels(
  configurations: readonly Parameters[],
  given: readonly (string | undefined)[] = [],
): string[] {
  const [only] = configurations;
  if (only && configurations.length === 1) {
    const own = labelFrom(only, ["optimizer", "learningRate"], { detail: "short", complete: false });
    return [given[0] ?? (own || "one configuration")];
  }
  let last: string[] = [];
  for (const style of styles) {
    const names = named(configurations, style);
    last = configurations.map((params, index) => given[index] ?? labelFrom(params, names, style));
    // To the eye: spaces at an end and other forms of a letter tell nothing apart.
    const seen = new Set(last.map((label) => label.normalize("NFKC").replaceAll(/\s+/g, " ").trim()));
    if (seen.size === last.length && !seen.has("")) return last;
  }
  return last.map((label, index) => {
    if (given[index] !== undefined) return given[index];
    const key = ` (${configurationKey(configurations[index] ?? {}).slice(0, 6)})`;
    return clipped(label, longestLabel - key.length) + key;
  });
}

/** A configuration of a study, with its label and whether somebody chose that. */
type Labelled = Pick<ExistingRun, "configurationKey" | "configurationLabel" | "labelGiven" | "params">;

/**
 * The labels of the configurations of a study by key, made anew from what now varies between them; labels that were given stay.
 * Of several runs of a configuration the first counts, and a given label above one that was made.
 */
export function labelsOf(runs: readonly Labelled[]): Map<string, { label: string; given: boolean }> {
  const configurations = new Map<string, Labelled>();
  for (const run of runs) {
    const known = configurations.get(run.configurationKey);
    if (!known || (run.labelGiven && !known.labelGiven)) configurations.set(run.configurationKey, run);
  }
  const each = [...configurations.values()];
  const labels = configurationLabels(
    each.map(({ params }) => params),
    each.map(({ labelGiven, configurationLabel }) => (labelGiven ? configurationLabel : undefined)),
  );
  return new Map(
    each.map(({ configurationKey: key, labelGiven }, index) => [
      key,
      { label: labels[index] ?? key, given: labelGiven },
    ]),
  );
}
