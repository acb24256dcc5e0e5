import { canonicalJson, type Parameters, type ParameterValue } from "@reprise/contracts";

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

type Detail = "short" | "full";

function showValue(value: ParameterValue, detail: Detail): string {
  if (value === null) return "unset";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (Array.isArray(value)) return value.map((item) => showValue(item, detail)).join("-");
  if (typeof value === "number" && detail === "short") return String(Number(value.toPrecision(4)));
  return String(value);
}

function labelFrom(params: Parameters, names: readonly string[], detail: Detail): string {
  return names
    .filter((name) => name in params)
    .map((name) => {
      const value = params[name] ?? null;
      const text = showValue(value, detail);
      if (detail === "short" && typeof value === "string" && selfExplaining.includes(name)) return text;
      return `${(detail === "short" ? shortNames[name] : undefined) ?? name} ${text}`;
    })
    .join(" · ");
}

/** Names of the parameters that are not the same in all configurations, the telling ones first. */
export function variedParameters(configurations: readonly Parameters[]): string[] {
  const names = [...new Set(configurations.flatMap((params) => Object.keys(params)))];
  return names
    .filter((name) => new Set(configurations.map((params) => canonicalJson(params[name]))).size > 1)
    .sort(byImportance);
}

/**
 * One readable label per configuration, from what varies between them ("adam · lr 0.01"). Falls back to full names and
 * digits, and at last to a number, where short labels would be equal. A lone configuration is named after its optimizer
 * and learning rate.
 */
export function configurationLabels(configurations: readonly Parameters[]): string[] {
  const varied = variedParameters(configurations);
  const names = varied.length > 0 ? varied : ["optimizer", "learningRate"];
  const unique = (labels: string[]) => new Set(labels).size === labels.length && !labels.includes("");
  const short = configurations.map((params) => labelFrom(params, names, "short"));
  if (unique(short)) return short;
  const full = configurations.map((params) => labelFrom(params, names, "full"));
  if (unique(full)) return full;
  return full.map((label, index) =>
    configurations.length === 1
      ? label || "one configuration"
      : `${label || "base"} (${index + 1} of ${configurations.length})`,
  );
}
