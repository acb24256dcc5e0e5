import { type Hyperparameter, type ParameterValue, searchedParameters } from "@reprise/contracts";
import type { Announced, Draft, Edit } from "./draft.js";

/** Neighbours of a number: half and twice of it, about a third and three times where it may be a small fraction. */
function neighbours(value: number, info: Hyperparameter | undefined): number[] {
  if (value === 0) return [Math.min(0.1, info?.maximum ?? 0.1)];
  if (info?.type === "integer" || (info?.type !== "number" && Number.isInteger(value)))
    return [Math.max(1, Math.round(value / 2)), value * 2];
  const isShare = info?.maximum !== undefined && info.maximum <= 1;
  return isShare ? [value / 2, value * 1.5] : [0.3 * value, 3 * value];
}

/** Values to begin with where a hyperparameter is varied: first what it is now, then what lies beside it. */
export function valuesToVary(
  info: Hyperparameter | undefined,
  value: ParameterValue,
  /** Of its choices those that fit. */
  choices: readonly string[] | undefined = info?.choices,
): ParameterValue[] {
  if (typeof value === "boolean") return [value, !value];
  if (typeof value === "string" && choices) return [value, ...choices.filter((choice) => choice !== value)];
  if (typeof value !== "number") return [value];
  const within = (each: number) =>
    each >= (info?.minimum ?? Number.NEGATIVE_INFINITY) &&
    each > (info?.exclusiveMinimum ?? Number.NEGATIVE_INFINITY) &&
    each <= (info?.maximum ?? Number.POSITIVE_INFINITY);
  const near = neighbours(value, info).map((each) => Number(each.toPrecision(3)));
  return [...new Set([value, ...near.filter(within)])];
}

/** Moves what all runs share into the search, with its value as the first. */
export function varyShared(
  name: string,
  draft: Draft,
  { hyperparameters }: Announced,
  edit: Edit,
  choices?: readonly string[],
): void {
  const value = draft.base[name] ?? hyperparameters[name]?.default ?? null;
  const { search } = draft;
  if (search.method === "external") return;
  edit(["base", name], undefined);
  if (search.method === "list") {
    for (const index of search.configurations.keys())
      edit(["search", "configurations", index, name], search.configurations[index]?.[name] ?? value);
    return;
  }
  // A document without a search has no method either.
  edit(["search", "method"], search.method);
  edit(["search", "parameters", name], valuesToVary(hyperparameters[name], value, choices));
}

/** Takes a hyperparameter out of the search; where its trainer has it, all runs share its first value from then on. */
export function stopVarying(name: string, draft: Draft, { hyperparameters }: Announced, edit: Edit): void {
  const values = searchedParameters(draft.search)[name];
  edit(["search", "parameters", name], undefined);
  const [first = null] = Array.isArray(values) ? values : [];
  if (name in hyperparameters && first !== null) edit(["base", name], first);
}
