import {
  deepestNesting,
  type FieldError,
  inexactNumbers,
  jsonNestsDeeper,
  repeatedNames,
} from "@reprise/contracts";
import { type ProblemError, problem, unreadNumbers } from "./problems.js";

/** Whether the numbers of a body are measurements, which are rounded, or must be read as they are written. */
export type JsonKind = "measurements" | "document";

const unclearNames = (errors: FieldError[]) =>
  problem("invalid-request", 'The body has names that are given twice; see "errors".', { errors });

/**
 * Characters of a body that somebody wrote, looked through in some twenty milliseconds; longer ones are written by programs, whose
 * objects have no name twice.
 */
export const longestDocument = 1_000_000;

/** @throws {ProblemError} for a text that no reader of ours would survive */
export function checkNesting(text: string): void {
  if (jsonNestsDeeper(text))
    throw problem("invalid-request", `The body nests lists or objects deeper than ${deepestNesting} levels.`);
}

/** Of names that the safe reader refuses. */
export const notAllowed = "it uses a name that is not allowed (__proto__ or constructor)";

/** What is said of a text that is no JSON. */
export function notJson(text: string, error: unknown): ProblemError {
  const bare = /[:[,]\s*-?(NaN|Infinity)\s*[,}\]]/.exec(text);
  const hint = bare ? ` JSON has no ${bare[1]}: send the string "${bare[1]}".` : "";
  const reason = error instanceof Error ? error.message : String(error);
  return problem("invalid-request", `The body is not valid JSON: ${reason}.${hint}`);
}

/** @throws {ProblemError} for valid JSON that would be read as something else than is written */
export function checkMeaning(text: string, kind: JsonKind): void {
  const lost = inexactNumbers(text, kind);
  if (lost.length > 0) throw unreadNumbers(lost);
  const twice = kind === "document" && text.length <= longestDocument ? repeatedNames(text) : [];
  if (twice.length > 0) throw unclearNames(twice);
}

/** The name that sets what an object inherits, however it is written. */
const setsPrototype =
  /"(?:_|\\u005f){2}(?:p|\\u0070)(?:r|\\u0072)(?:o|\\u006f)(?:t|\\u0074)(?:o|\\u006f)(?:_|\\u005f){2}"\s*:/i;

/** The value of a text that is too long to be looked through where others wait. @throws {ProblemError} */
export function readJson(text: string, kind: JsonKind): unknown {
  checkNesting(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notJson(text, error);
  }
  if (setsPrototype.test(text)) throw notJson(text, notAllowed);
  checkMeaning(text, kind);
  return value;
}
