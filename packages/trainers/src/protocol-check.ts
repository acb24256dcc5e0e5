import {
  canonicalJson,
  deepestNesting,
  integersAsTexts,
  isOften,
  jsonNestsDeeper,
  type Parameters,
  type RunRequest,
  type TrainerEvent,
  trainerEvent,
  trainerEventTypes,
} from "@reprise/contracts";
import { z } from "zod";
import { shorten } from "./lines.js";

export type Hello = Extract<TrainerEvent, { type: "hello" }>;

export type ParsedLine =
  | { kind: "event"; event: TrainerEvent }
  | { kind: "unknown"; type: string }
  | { kind: "malformed"; message: string };

/** Events in which a program tells of its configuration: integers that no number holds stay whole, as texts. */
const exactTypes: readonly string[] = ["hello", "environment"];

const anyEvent = z.looseObject({ type: z.string() });
const knownTypes: readonly string[] = trainerEventTypes;

/** Values of one line: scores of a million cases of ten classes are half as many. More would fill the worker's memory once read. */
const mostValues = 20_000_000;

/** Why a line is not read at all: it would cost more than its length; null for one that may be. */
function refusalOf(line: string): string | null {
  if (jsonNestsDeeper(line)) return `a line that nests deeper than ${deepestNesting} levels`;
  // So many values need twice as many characters.
  return line.length > 2 * mostValues && isOften(line, ",", mostValues)
    ? `a line of more than ${mostValues} values`
    : null;
}

/**
 * Reads one line of the event pipe. Unknown types are told apart from malformed lines: the first may be news, the
 * second is damage.
 */
export function parseEventLine(line: string): ParsedLine {
  const refusal = refusalOf(line);
  if (refusal !== null)
    return { kind: "malformed", message: `The trainer wrote ${refusal}: ${shorten(line)}` };
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return { kind: "malformed", message: `The trainer wrote a line that is not JSON: ${shorten(line)}` };
  }
  const outer = anyEvent.safeParse(json);
  if (!outer.success) {
    return { kind: "malformed", message: `The trainer wrote an event without a type: ${shorten(line)}` };
  }
  const { type } = outer.data;
  if (!knownTypes.includes(type)) return { kind: "unknown", type };
  const parsed = trainerEvent.safeParse(exactTypes.includes(type) ? JSON.parse(integersAsTexts(line)) : json);
  if (parsed.success) return { kind: "event", event: parsed.data };
  const issue = parsed.error.issues[0];
  const where = issue && issue.path.length > 0 ? ` at ${issue.path.join(".")}` : "";
  return {
    kind: "malformed",
    message: `The trainer wrote a malformed ${type} event${where}: ${issue?.message ?? "invalid"}. Line: ${shorten(line)}`,
  };
}

/**
 * Compares what a run asked for with what the trainer says it uses: null when they agree, otherwise one sentence
 * per hyperparameter naming key, requested and used value. Requested keys must appear, with the very value; null is unset.
 */
export function parameterMismatch(requested: Parameters, hello: Hello): string | null {
  const problems: string[] = [];
  for (const [key, value] of Object.entries(requested)) {
    // Unset: whatever the trainer uses is its own choice.
    if (value === null) continue;
    const used = hello.effectiveParameters[key];
    if (hello.unusedParameters.includes(key)) {
      problems.push(`${key} = ${canonicalJson(value)} was requested but is not used by the trainer`);
    } else if (used === undefined) {
      problems.push(
        `${key} = ${canonicalJson(value)} was requested but is missing from the effective configuration`,
      );
    } else if (canonicalJson(used) !== canonicalJson(value)) {
      problems.push(`${key}: requested ${canonicalJson(value)}, used ${canonicalJson(used)}`);
    }
  }
  for (const key of hello.unusedParameters) {
    if (!(key in requested)) problems.push(`${key} is reported as unused, though it was not requested`);
  }
  return problems.length === 0 ? null : `${problems.join("; ")}.`;
}

/**
 * What must hold across events: `hello` comes first (logs, errors and the progress of reading data excepted) and once, the backend is the one
 * that was asked for, and after `done` nothing but logs follows. Returns a sentence for the first breach, else
 * null.
 */
export function sequenceBreach(
  event: TrainerEvent,
  seen: { hello: Hello | null; done: boolean },
  request: Pick<RunRequest, "backend">,
): string | null {
  if (event.type === "log" || event.type === "error") return null;
  if (seen.done) return `The trainer sent a ${event.type} event after done.`;
  if (event.type === "progress") return null;
  if (event.type !== "hello") {
    return seen.hello ? null : `The trainer sent a ${event.type} event before hello.`;
  }
  if (seen.hello) return "The trainer sent hello twice.";
  if (request.backend !== "auto" && event.backend.used !== request.backend) {
    return `Backend ${request.backend} was requested, the trainer used ${event.backend.used}.`;
  }
  return null;
}
