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
function checkNesting(text: string): void {
  if (jsonNestsDeeper(text))
    throw problem("invalid-request", `The body nests lists or objects deeper than ${deepestNesting} levels.`);
}

/** What is said of a text that is no JSON. */
function notJson(text: string, error: unknown): ProblemError {
  const bare = /[:[,]\s*-?(NaN|Infinity)\s*[,}\]]/.exec(text);
  const hint = bare ? ` JSON has no ${bare[1]}: send the string "${bare[1]}".` : "";
  const reason = error instanceof Error ? error.message : String(error);
  return problem("invalid-request", `The body is not valid JSON: ${reason}.${hint}`);
}

/** @throws {ProblemError} for valid JSON that would be read as something else than is written */
function checkMeaning(text: string, kind: JsonKind): void {
  const lost = inexactNumbers(text, kind);
  if (lost.length > 0) throw unreadNumbers(lost);
  const twice = kind === "document" && text.length <= longestDocument ? repeatedNames(text) : [];
  if (twice.length > 0) throw unclearNames(twice);
}

/** A name that sets what an object inherits, or part of one that is written by its numbers. */
const mayInherit = /__proto__|constructor|\\u00(?:[67]|5f)/i;

/** Whether an object of a document has names that set what objects inherit, for a program that copies them one by one. */
function inherits(value: unknown): boolean {
  const waiting = [value];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (typeof at !== "object" || at === null) continue;
    if (Object.hasOwn(at, "__proto__")) return true;
    const made = Object.hasOwn(at, "constructor") ? at.constructor : null;
    if (typeof made === "object" && made !== null && Object.hasOwn(made, "prototype")) return true;
    for (const item of Object.values(at)) if (typeof item === "object") waiting.push(item);
  }
  return false;
}

/** The value of a JSON text, read alike however long it is. @throws {ProblemError} */
export function readJson(text: string, kind: JsonKind): unknown {
  checkNesting(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notJson(text, error);
  }
  if (mayInherit.test(text) && inherits(value))
    throw notJson(text, "it uses a name that is not allowed (__proto__ or constructor)");
  checkMeaning(text, kind);
  return value;
}
