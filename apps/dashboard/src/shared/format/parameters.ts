import type { Parameters, ParameterValue } from "@reprise/contracts";

/** A hyperparameter's value as it would stand in YAML. */
export function parameterText(value: ParameterValue | undefined): string {
  if (value === undefined) return "not set";
  if (value === null) return "null";
  return Array.isArray(value) ? `[${value.map(String).join(", ")}]` : String(value);
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
    return { name, requested: asked, effective: used, state: asked === null ? "default" : "differs" };
  });
  const rank = { differs: 0, same: 1, default: 2 };
  return rows.sort((a, b) => rank[a.state] - rank[b.state]);
}
