import type { ForeignRun, ForeignValue } from "@reprise/contracts";
import { isObject } from "./loose-json.js";

/** A value as the contract holds it: integers that no number holds as texts, NaN and ±Infinity by name. */
function held(value: unknown): ForeignValue {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map((item) => held(item)) as ForeignValue;
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, held(item)])) as ForeignValue;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

export type Params = Pick<ForeignRun, "params" | "integers">;

/**
 * Settings with one name each: { model: { dropout: { p } } } is `model.dropout.p`. Lists and empty objects stay as they are. Of two
 * settings that would get one name, the second keeps its place in its object as a name in brackets.
 */
export function flatParams(given: unknown): Params {
  const params: ForeignRun["params"] = {};
  const integers: string[] = [];
  /** How often a name was taken already: looked for from its first, many of one name take the square of their number. */
  const again = new Map<string, number>();
  const add = (name: string, value: unknown) => {
    if (isObject(value) && Object.keys(value).length > 0) {
      for (const [key, item] of Object.entries(value)) add(name === "" ? key : `${name}.${key}`, item);
      return;
    }
    if (name === "") return;
    let free = name;
    while (Object.hasOwn(params, free)) {
      const times = (again.get(name) ?? 0) + 1;
      again.set(name, times);
      free = times === 1 ? `${name} (again)` : `${name} (again ${times})`;
    }
    params[free] = held(value);
    if (typeof value === "bigint") integers.push(free);
  };
  add("", given);
  return { params, integers };
}

/** Tags as they are held. */
export const heldTags = (given: Readonly<Record<string, unknown>>): ForeignRun["tags"] =>
  Object.fromEntries(Object.entries(given).map(([key, value]) => [key, held(value)]));
