import { checkAliases, deepestNesting, yamlNestsDeeper } from "@reprise/contracts";
import { Lexer, LineCounter, Parser, parseDocument, type ScalarTag, type Tags } from "yaml";

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

/** Characters: names of twenty thousand classes take a fifth. */
const longest = 4_000_000;
/** Characters at which something begins or ends: what the library takes is by their number, some twenty µs each. */
const mostMarks = 200_000;
const marks = new Set(Array.from("\n,:[]{}&*!?#-|>%\"'", (mark) => mark.charCodeAt(0)));
const wayOut = "move what is long, such as names of classes, to another file, and import again";

function hasTooManyMarks(text: string): boolean {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (marks.has(text.charCodeAt(at))) count += 1;
    if (count > mostMarks) return true;
  }
  return false;
}

/** Settings that are YAML, and would cost too much. */
class CostlyYaml extends Error {}

/** What is said of a file whose text {@link yamlValue} refused. */
export function yamlFault(error: unknown): string {
  if (error instanceof CostlyYaml) return error.message;
  return `is not YAML: ${error instanceof Error ? error.message.split("\n", 1)[0] : error}`;
}

/**
 * YAML 1.1 as Python's libraries write it. Tags that would build an object of a program are not followed: what they hold is plain
 * values. Dates stay texts, integers beyond ±(2^53 − 1) are bigints.
 * @param floats `omegaconf` takes `1e-8` for a number, `pyyaml` for a text.
 * @throws {Error} where the text is no YAML
 * @throws {CostlyYaml} where it is longer, or nests deeper, than is read
 * @throws {AliasError} where its aliases would make too much of it
 */
export function yamlValue(text: string, floats: "pyyaml" | "omegaconf"): unknown {
  if (text.length > longest)
    throw new CostlyYaml(`has ${text.length} characters; settings of up to ${longest} are read: ${wayOut}`);
  if (hasTooManyMarks(text))
    throw new CostlyYaml(
      `has more than ${mostMarks} lines, names and entries of lists, which are not read: ${wayOut}`,
    );
  if (yamlNestsDeeper(text, { Lexer, Parser }))
    throw new CostlyYaml(`nests deeper than ${deepestNesting} levels, which is not read`);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    // The library's words for errors repeat the line for every error.
    prettyErrors: false,
    lineCounter: lines,
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
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new Error(`${error.message} at line ${line}, column ${col}`);
  }
  checkAliases(document.contents);
  // What aliases make of it is known by now.
  return plain(document.toJS({ mapAsMap: true, maxAliasCount: -1 }));
}
