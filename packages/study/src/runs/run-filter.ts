import {
  type FieldError,
  type FilterClause,
  type Parsed,
  type RunFilter,
  showValue,
} from "@reprise/contracts";
import { clauseFrom, type TokenReader } from "./filter-clauses.js";
import { FilterError, type Token, tokensOf } from "./filter-tokens.js";

function readerOf(text: string): TokenReader {
  const tokens = tokensOf(text);
  const end: Token = { type: "end", at: text.length, end: text.length };
  let index = 0;
  return {
    text,
    take: () => tokens[index++] ?? end,
    peek: (ahead = 0) => tokens[index + ahead] ?? end,
  };
}

function conditionsOf(text: string): FilterClause[] {
  const reader = readerOf(text);
  const all = [clauseFrom(reader)];
  for (;;) {
    const token = reader.take();
    if (token.type === "end") return all;
    const word = token.type === "name" ? token.text.toLowerCase() : "";
    const near = text.slice(token.at, token.end);
    if (word === "or") {
      throw new FilterError(token.at, "or is not supported", near, "Ask twice, or join clauses by and.");
    }
    if (word !== "and") {
      const before = text.slice(0, token.at).trimEnd();
      // A date without quotes reads as a number and what follows it.
      const date = /(\d{4}-\d{2}-\d{2}[\dT:.Z+-]*)/.exec(text);
      const repaired = date ? text.replace(date[0], `'${date[0]}'`) : `${before} and ${text.slice(token.at)}`;
      throw new FilterError(token.at, "expected and, or the end", near, undefined, repaired);
    }
    all.push(clauseFrom(reader));
  }
}

function read(text: string): RunFilter {
  return { all: text.trim() === "" ? [] : conditionsOf(text) };
}

function isReadable(text: string): boolean {
  try {
    read(text);
    return true;
  } catch (error) {
    if (error instanceof FilterError) return false;
    throw error;
  }
}

/**
 * Parses the filter of a run list, in MLflow's manner: `metrics.validationAccuracy > 0.9 and params.optimizer = 'adam'`.
 * Names with other characters stand in backticks, text in single or double quotes; the same inside is doubled. Numbers and
 * true or false stand without quotes and are no text. `is nan`, `is null` and their opposites ask what there is of a value.
 * Errors say at which character (from 1), what stood there, and the whole filter as it was probably meant, which parses. An
 * empty text is an empty filter.
 */
export function parseRunFilter(text: string): Parsed<RunFilter> {
  try {
    return { ok: true, value: read(text) };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const { at, message, near, suggestion, repaired } = error;
    const place = at >= text.length ? "at the end" : `at character ${at + 1}`;
    const fieldError: FieldError = { path: "filter", message: `${message} ${place}` };
    if (near !== undefined) fieldError.value = showValue(near);
    const example = repaired !== undefined && isReadable(repaired) ? `Write: ${repaired}` : undefined;
    const said = [suggestion, example].filter((part) => part !== undefined).join(" ");
    if (said !== "") fieldError.suggestion = said;
    return { ok: false, errors: [fieldError] };
  }
}
