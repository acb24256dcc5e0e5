import { checkAliases, deepestNesting, yamlMayNestDeeper } from "@reprise/contracts";
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

/** Characters: the reader takes seconds for a million, and settings have some thousands. */
const longest = 500_000;

class YamlError extends Error {}

/**
 * YAML 1.1 as Python's libraries write it. Tags that would build an object of a program are not followed: what they hold is plain
 * values. Dates stay texts, integers beyond ±(2^53 − 1) are bigints.
 * @param floats `omegaconf` takes `1e-8` for a number, `pyyaml` for a text.
 * @throws {YAMLParseError} where the text is no YAML
 * @throws {YamlError} where it is longer, or nests deeper, than is read
 * @throws {AliasError} where its aliases would make too much of it
 */
export function yamlValue(text: string, floats: "pyyaml" | "omegaconf"): unknown {
  if (text.length > longest)
    throw new YamlError(`it has ${text.length} characters; up to ${longest} are read`);
  if (yamlMayNestDeeper(text)) throw new YamlError(`it nests deeper than ${deepestNesting} levels`);
  const document = parseDocument(text, {
    version: "1.1",
    intAsBigInt: true,
    logLevel: "silent",
    merge: true,
    // Of a name that stands twice the last counts, as in Python; the library's check compares each with each.
    uniqueKeys: false,
    customTags: (tags): Tags =>
      withoutDates(tags).map((tag) => (floats === "pyyaml" ? strictFloat(tag) : tag)),
  });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  checkAliases(document.contents);
  // What aliases make of it is known by now.
  return plain(document.toJS({ mapAsMap: true, maxAliasCount: -1 }));
}
