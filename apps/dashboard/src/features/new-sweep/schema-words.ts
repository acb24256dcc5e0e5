import { type JsonSchema, schemasAt } from "@reprise/contracts";
import type { YamlPlace } from "./yaml-place.js";

export type Offer = { label: string; detail: string; info: string };

const kindOf = ({ type, enum: choices, properties, items }: JsonSchema): string => {
  if (choices && choices.length > 0)
    return choices.length > 3 ? `one of ${choices.length}` : choices.map(String).join(" | ");
  if (properties || type === "object") return "names and values";
  if (items || type === "array") return "list";
  return Array.isArray(type) ? type.join(" or ") : (type ?? "");
};

/** What may be written at a place: names of an object that it has not yet, or values that are known. */
export function offersAt(schema: JsonSchema, place: YamlPlace, has: readonly string[]): Offer[] {
  const at = place.key === null ? place.path : [...place.path, place.key];
  const keys = at.map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  const schemas = schemasAt(schema, keys);
  if (place.writes === "name") {
    const named = new Map(
      schemas.flatMap(({ properties }) =>
        Object.entries(properties ?? {}).map(([label, own]): [string, Offer] => [
          label,
          { label, detail: kindOf(own), info: own.description ?? "" },
        ]),
      ),
    );
    if (named.size > 0) return [...named.values()].filter(({ label }) => !has.includes(label));
  }
  const values = schemas.flatMap(({ enum: choices = [], const: only, type }) => [
    ...choices,
    ...(only === undefined ? [] : [only]),
    ...(type === "boolean" ? [true, false] : []),
  ]);
  return [...new Set(values.map(String))].map((label) => ({ label, detail: "", info: "" }));
}

/** What the schema says of a name, with what it takes and what it is where nothing is written; null where it says nothing. */
export function wordsAt(
  schema: JsonSchema,
  path: readonly string[],
): { name: string; words: string[] } | null {
  const keys = path.map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  const schemas = schemasAt(schema, keys);
  const description = schemas.find((each) => each.description)?.description;
  const choices = [...new Set(schemas.flatMap((each) => each.enum ?? []).map(String))];
  const fallback = schemas.find((each) => each.default !== undefined && each.default !== null)?.default;
  const words = [
    description,
    choices.length > 0 && choices.length <= 24 ? `One of ${choices.join(", ")}.` : undefined,
    fallback === undefined || typeof fallback === "object" ? undefined : `Default: ${String(fallback)}.`,
  ].filter((each) => each !== undefined);
  return words.length === 0 ? null : { name: path.at(-1) ?? "", words };
}
