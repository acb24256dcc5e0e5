import {
  checkAliases,
  deepestNesting,
  exactDocument,
  yamlNestsDeeper,
  yamlReading,
} from "@reprise/contracts";
import { isScalar, Lexer, LineCounter, Parser, parseDocument, visit } from "yaml";
import { problem, unreadNumbers } from "./problems.js";

/** Characters. The reader takes a second for a million, and nobody writes so much by hand. */
const longestYaml = 200_000;

/** Values of a document with aliases: many times what is written by hand, and read in some hundredths of a second. */
const mostAliased = 20_000;

/** What aliases make of a document is known before they are followed: the reader's own count takes far longer. */
const uncounted = -1;

const invalid = (reason: string) => problem("invalid-request", `The body is not valid YAML: ${reason}`);

/**
 * The value of a YAML document of version 1.2 with merge keys. What would cost more than its length is refused before it is
 * read, and the time for the rest grows with the length alone: the reader's own check for names given twice compares each
 * with each, and its own words for errors repeat the text for every error.
 *
 * @throws {ProblemError} for what is no YAML, too long, nested too deep, or holds numbers that no reader would see as written
 */
export function readYaml(text: string): unknown {
  if (text.length > longestYaml) {
    throw problem(
      "payload-too-large",
      `The YAML document has ${text.length} characters; at most ${longestYaml} are read. Send longer ones as JSON.`,
    );
  }
  if (yamlNestsDeeper(text, { Lexer, Parser }))
    throw invalid(`it nests deeper than ${deepestNesting} levels.`);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    ...yamlReading,
    prettyErrors: false,
    uniqueKeys: false,
    lineCounter: lines,
  });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `at line ${line}, column ${col}`;
  };
  const [error] = document.errors;
  if (error) throw invalid(`${error.message} ${at(error.pos[0])}`);
  visit(document, {
    Map: (_, map) => {
      const names = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key) || key.value === "<<") continue;
        if (names.has(key.value)) {
          throw invalid(`${String(key.value)} is given twice in one mapping, ${at(key.range?.[0] ?? 0)}`);
        }
        names.add(key.value);
      }
    },
  });
  const { value, errors } = resolved(() => {
    checkAliases(document.contents, mostAliased);
    return exactDocument(document.toJS({ maxAliasCount: uncounted }));
  });
  if (errors.length > 0) throw unreadNumbers(errors);
  return value;
}

/** Aliases that would multiply what the document holds are found out only here. */
function resolved<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}
