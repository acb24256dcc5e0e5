import type { Parameters, ParameterValue } from "@reprise/contracts";

/** Whether a text is read as a text without quotation marks: it is no number, no true or null, and has no space at an end. */
const isPlainText = (text: string) =>
  text === text.trim() && Number.isNaN(Number(text || "0")) && !/^(true|false|null|~)$/i.test(text);

/** A hyperparameter's value as it would stand in YAML. */
export function parameterText(value: ParameterValue | undefined): string {
  if (value === undefined) return "not set";
  if (value === null) return "null";
  if (typeof value === "string") return isPlainText(value) ? value : JSON.stringify(value);
  return Array.isArray(value) ? `[${value.map(parameterText).join(", ")}]` : String(value);
}

export type ParameterRow = {
  name: string;
  requested: string | null;
  effective: string | null;
  state: "same" | "default" | "differs";
};

/** Requested and effective hyperparameters side by side, differences first. */
export function parameterRows(requested: Parameters, effective: Parameters | null): ParameterRow[] {
  const names = [...new Set([...Object.keys(requested), ...Object.keys(effective ?? {})])].sort();
  const rows = names.map((name): ParameterRow => {
    const asked = name in requested ? parameterText(requested[name]) : null;
    const used = effective && name in effective ? parameterText(effective[name]) : null;
    if (effective === null || asked === used)
      return { name, requested: asked, effective: used, state: "same" };
    // Null is unset: what is used then is the trainer's choice.
    const isUnset = (requested[name] ?? null) === null;
    return { name, requested: asked, effective: used, state: isUnset ? "default" : "differs" };
  });
  const rank = { differs: 0, same: 1, default: 2 };
  return rows.sort((a, b) => rank[a.state] - rank[b.state]);
}
