import { type Hyperparameter, type ParameterValue, searchedParameters } from "@reprise/contracts";
import type { Announced, Draft } from "./draft.js";

/** Values that a hyperparameter takes in at least one configuration; null for a range, which may take any. */
function possibleValues(
  draft: Draft,
  announced: Announced,
  name: string,
): readonly (ParameterValue | undefined)[] | null {
  if (name === "task") return [draft.task];
  const fallback = draft.base[name] ?? announced.hyperparameters[name]?.default;
  if (draft.search.method === "list") {
    return draft.search.configurations.map((configuration) => configuration[name] ?? fallback);
  }
  const searched = searchedParameters(draft.search)[name];
  if (searched === undefined) return [fallback];
  return Array.isArray(searched) ? searched : null;
}

/** "only with optimizer sgd" where no configuration of the draft would use it, else null. */
export function unusedBecause(
  info: Hyperparameter | undefined,
  draft: Draft,
  announced: Announced,
): string | null {
  for (const [name, condition] of Object.entries(info?.usedWhen ?? {})) {
    const possible = possibleValues(draft, announced, name);
    if (possible === null) continue;
    const listed = (values: readonly unknown[], value: unknown) => values.some((each) => each === value);
    const met = possible.some((value) =>
      Array.isArray(condition) ? listed(condition, value) : !listed(condition.not, value),
    );
    if (met) continue;
    return Array.isArray(condition)
      ? `used only with ${name} ${condition.join(" or ")}`
      : `not used with ${name} ${condition.not.join(" or ")}`;
  }
  return null;
}
