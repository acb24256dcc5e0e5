import { checkAliases } from "@reprise/contracts";
import { parseDocument, type ScalarTag, type Tags } from "yaml";

/** What PyYAML takes for a float: with a point, and a sign in its exponent. `1e-8` is a text there. */
const pyYamlFloat = /^[-+]?(?:\d[\d_]*\.[\d_]*|\.\d[\d_]*)(?:[eE][-+]\d+)?$/;

const withoutDates = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === "string" || !tag.tag.endsWith("timestamp"));
const isScalarTag = (tag: Tags[number]): tag is ScalarTag =>
  typeof tag !== "string" && !("collection" in tag && tag.collection);
const strictFloat = (tag: Tags[number]): Tags[number] =>
  isScalarTag(tag) && tag.format === "EXP" ? { ...tag, test: pyYamlFloat } : tag;

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]));
  if (value instanceof Set) return [...value].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  return value;
}

/**
 * YAML 1.1 as Python's libraries write it. Tags that would build an object of a program are not followed: what they hold is plain
 * values. Dates stay texts, integers beyond ±(2^53 − 1) are bigints.
 * @param floats `omegaconf` takes `1e-8` for a number, `pyyaml` for a text.
 * @throws {YAMLParseError} where the text is no YAML
 * @throws {AliasError} where its aliases would make too much of it
 */
export function yamlValue(text: string, floats: "pyyaml" | "omegaconf"): unknown {
  const document = parseDocument(text, {
    version: "1.1",
    intAsBigInt: true,
    logLevel: "silent",
    merge: true,
    customTags: (tags): Tags =>
      withoutDates(tags).map((tag) => (floats === "pyyaml" ? strictFloat(tag) : tag)),
  });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  checkAliases(document.contents);
  // What aliases make of it is known by now.
  return plain(document.toJS({ mapAsMap: true, maxAliasCount: -1 }));
}
