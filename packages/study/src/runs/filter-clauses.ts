import {
  didYouMean,
  type FilterClause,
  type FilterOperator,
  filterableAttributes,
  filterOperators,
  hasFourDigitYear,
  nearestName,
  type RunField,
  runAttributes,
  runFlag,
  type StateOperator,
  sameName,
  stateOperators,
  valueText,
} from "@reprise/contracts";
import { FilterError, inBackticks, type Token, withNameInBackticks } from "./filter-tokens.js";

/** Goes through the pieces of a filter. */
export type TokenReader = { text: string; take(): Token; peek(ahead?: number): Token };

const properties: readonly string[] = [...filterableAttributes, ...runFlag.options];
const isProperty = (name: string) => properties.includes(name);

/** What a field holds; hyperparameters may hold anything. */
function typeOf({ kind, name }: RunField): "text" | "number" | "time" | "flag" | "any" {
  if (kind === "metric") return "number";
  if (kind === "param") return "any";
  if (runFlag.safeParse(name).success) return "flag";
  const attribute = filterableAttributes.find((candidate) => candidate === name);
  const type = attribute && runAttributes[attribute].type;
  return type === "integer" || type === "number" ? "number" : (type ?? "text");
}

const prefixes: Record<string, RunField["kind"]> = {
  metrics: "metric",
  metric: "metric",
  params: "param",
  param: "param",
  attributes: "attribute",
  attribute: "attribute",
};

const show = ({ text }: TokenReader, token: Token) =>
  token.type === "end"
    ? undefined
    : token.type === "string" || token.type === "name"
      ? token.text
      : text.slice(token.at, token.end);

const wordOf = (token: Token) => (token.type === "name" && !token.quoted ? token.text.toLowerCase() : "");

/** The filter with other text from one character to before another. */
const replaced = (text: string, at: number, end: number, by: string) =>
  text.slice(0, at) + by + text.slice(end);

function fieldFrom(reader: TokenReader): RunField {
  const { text, take, peek } = reader;
  const first = take();
  if (first.type !== "name") {
    throw new FilterError(
      first.at,
      "expected a field",
      show(reader, first),
      "Write metrics.NAME, params.NAME or a property such as status.",
    );
  }
  const instead = (by: string) => replaced(text, first.at, first.end, by);
  if (peek().type !== "dot") {
    if (isProperty(first.text)) return { kind: "attribute", name: first.text };
    if (prefixes[first.text]) {
      const repaired = withNameInBackticks(text, first.at);
      throw new FilterError(
        first.end,
        `expected a name after ${first.text}.`,
        undefined,
        inBackticks,
        repaired,
      );
    }
    const near = nearestName(first.text, properties);
    const kind = peek(1).type === "number" ? "metrics" : "params";
    throw new FilterError(
      first.at,
      "unknown property of a run",
      first.text,
      `${didYouMean(first.text, properties)} Metrics and hyperparameters are written metrics.NAME and params.NAME.`,
      instead(near ?? `${kind}.${first.text}`),
    );
  }
  const kind = first.quoted ? undefined : prefixes[first.text];
  if (!kind && isProperty(first.text)) {
    throw new FilterError(
      first.end,
      `${first.text} has no parts`,
      text.slice(first.end),
      `Compare ${first.text} itself.`,
    );
  }
  if (!kind) {
    const near = nearestName(first.text, ["metrics", "params", "attributes"]);
    throw new FilterError(
      first.at,
      "unknown kind of field",
      first.text,
      didYouMean(first.text, ["metrics", "params", "attributes"]),
      near ? instead(near) : undefined,
    );
  }
  take();
  const name = take();
  if (name.type !== "name") {
    const repaired = withNameInBackticks(text, name.at);
    throw new FilterError(
      name.at,
      `expected a name after ${first.text}.`,
      show(reader, name),
      inBackticks,
      repaired,
    );
  }
  if (kind === "attribute" && !isProperty(name.text)) {
    const near = nearestName(name.text, properties);
    throw new FilterError(
      name.at,
      "unknown property of a run",
      name.text,
      didYouMean(name.text, properties),
      near ? replaced(text, name.at, name.end, near) : undefined,
    );
  }
  return { kind, name: kind === "metric" ? sameName(name.text) : name.text };
}

type Comparison = { op: FilterOperator | StateOperator; at: number; value?: boolean };

/** "is nan", "is not null", and "is true" for "= true". */
function stateFrom(reader: TokenReader, is: Token): Comparison {
  const { text, take, peek } = reader;
  const negated = wordOf(peek()) === "not";
  if (negated) take();
  const token = take();
  const word = wordOf(token);
  if (word === "true" || word === "false") {
    return { op: negated ? "!=" : "=", at: is.at, value: word === "true" };
  }
  const state = `is ${negated ? "not " : ""}${{ none: "null", missing: "null" }[word] ?? word}`;
  const op = stateOperators.find((candidate) => candidate === state);
  if (op) return { op, at: is.at };
  throw new FilterError(
    token.at,
    "expected nan or null",
    show(reader, token),
    "Values are compared by = and !=.",
    token.type === "end" ? undefined : replaced(text, is.at, token.at, negated ? "!= " : "= "),
  );
}

function comparisonFrom(reader: TokenReader, field: RunField): Comparison {
  const { text, take, peek } = reader;
  const token = take();
  const word = wordOf(token);
  if (word === "is") return stateFrom(reader, token);
  const sign = token.type === "operator" ? token.text : word;
  const spelled = { "==": "=", "<>": "!=" }[sign] ?? sign;
  const op = filterOperators.find((candidate) => candidate === spelled);
  if (op) {
    const next = peek();
    if (next.type === "operator" && token.type === "operator" && (next.text === "<" || next.text === ">")) {
      const repaired = replaced(text, token.at, next.end, `${next.text}=`);
      throw new FilterError(
        token.at,
        "expected a comparison",
        text.slice(token.at, next.end),
        undefined,
        repaired,
      );
    }
    return { op, at: token.at };
  }
  const isFlag = typeOf(field) === "flag";
  const ends = token.type === "end" || word === "and";
  const before = text.slice(0, token.at).trimEnd();
  throw new FilterError(
    token.at,
    "expected a comparison",
    token.type === "dot" ? "." : show(reader, token),
    `One of ${[...filterOperators, ...stateOperators].join(", ")}.${field.kind === "attribute" || token.type === "end" ? "" : ` ${inBackticks}`}`,
    isFlag && ends
      ? `${before} = true${ends && token.type !== "end" ? ` ${text.slice(token.at)}` : ""}`
      : field.kind === "attribute" || ends
        ? undefined
        : withNameInBackticks(text, token.at),
  );
}

type Value = { value: string | number | boolean; token: Token };

function valueFrom(reader: TokenReader, field: RunField, { op, at }: Comparison): Value {
  const { text, take } = reader;
  const token = take();
  if (token.type === "number") return { value: token.value, token };
  if (token.type === "string") return { value: token.text, token };
  const word = wordOf(token);
  if (word === "true" || word === "false") return { value: word === "true", token };
  if (word === "inf" || word === "infinity") return { value: Number.POSITIVE_INFINITY, token };
  if (typeOf(field) === "flag") {
    const holds = !/^(no|off|n|f)$/.test(word);
    const repaired = token.type === "name" ? replaced(text, token.at, token.end, String(holds)) : undefined;
    throw new FilterError(
      token.at,
      `${field.name} is true or false`,
      show(reader, token),
      undefined,
      repaired,
    );
  }
  const state = stateMeant(field, op, word);
  if (state) {
    const repaired = replaced(text, at, token.end, state);
    throw new FilterError(
      token.at,
      `nothing is compared with ${word}`,
      show(reader, token),
      undefined,
      repaired,
    );
  }
  throw new FilterError(
    token.at,
    "expected a value",
    show(reader, token),
    token.type === "name" ? `Put text in quotes: '${token.text}'.` : "A number, 'text', true or false.",
    token.type === "name" ? replaced(text, token.at, token.end, valueText(token.text)) : undefined,
  );
}

/** "= NaN" is meant as "is nan", "!= null" as "is not null". */
function stateMeant(field: RunField, op: string, word: string): string | null {
  if (op !== "=" && op !== "!=") return null;
  const not = op === "=" ? "" : "not ";
  if (word === "nan" && typeOf(field) !== "text") return `is ${not}nan`;
  return word === "null" || word === "none" ? `is ${not}null` : null;
}

/** Why a field is not compared so, as an error with the filter as it was probably meant; null where it is. */
function refusal(
  reader: TokenReader,
  field: RunField,
  { op, at }: Comparison,
  { value, token }: Value,
): FilterError | null {
  const { text } = reader;
  const type = typeOf(field);
  const instead = (by: string) => replaced(text, token.at, token.end, by);
  if (
    op === "like" &&
    (typeof value !== "string" || type === "number" || type === "flag" || type === "time")
  ) {
    const repaired = type === "any" ? instead(valueText(`${value}%`)) : replaced(text, at, at + 4, "=");
    return new FilterError(
      at,
      "like compares text",
      undefined,
      "Use % for any characters: like 'ad%'.",
      repaired,
    );
  }
  if (type === "number" && typeof value !== "number") {
    const word = String(value).trim().toLowerCase();
    const state = stateMeant(field, op, word);
    const isNumber = word !== "" && !Number.isNaN(Number(word));
    return new FilterError(
      token.at,
      `${field.name} is a number`,
      String(value),
      "Compare it with a number, or ask by is nan and is null what there is of it.",
      state ? replaced(text, at, token.end, state) : isNumber ? instead(word) : undefined,
    );
  }
  if (type === "flag" && typeof value !== "boolean") {
    const holds = !/^(false|no|0)$/i.test(String(value));
    return new FilterError(
      token.at,
      `${field.name} is true or false`,
      String(value),
      undefined,
      instead(String(holds)),
    );
  }
  if (type === "text" && typeof value !== "string") {
    const written = valueText(text.slice(token.at, token.end));
    return new FilterError(
      token.at,
      `${field.name} is text`,
      String(value),
      "Put the value in quotes.",
      instead(written),
    );
  }
  if (type === "time" && (typeof value !== "string" || !hasFourDigitYear(new Date(value).getTime()))) {
    return new FilterError(
      token.at,
      `${field.name} is a time`,
      String(value),
      "A time is written '2026-11-29' or '2026-11-29T12:00:00Z'.",
      text.replace(/\d{4}-\d{2}-\d{2}[\dT:.Z+-]*/, "'$&'"),
    );
  }
  if (typeof value === "boolean" && op !== "=" && op !== "!=") {
    const repaired = replaced(text, at, at + op.length, "=");
    return new FilterError(
      at,
      "true and false have no order",
      undefined,
      "Compare them by = or !=.",
      repaired,
    );
  }
  return null;
}

/** The next condition of a filter. @throws FilterError */
export function clauseFrom(reader: TokenReader): FilterClause {
  const field = fieldFrom(reader);
  const start = reader.peek().at;
  const comparison = comparisonFrom(reader, field);
  const { op } = comparison;
  const type = typeOf(field);
  if (isState(op)) {
    const not = op.includes("not");
    const end = reader.peek().at;
    const instead = (by: string) => {
      const rest = reader.text.slice(end);
      return `${reader.text.slice(0, start)}${by}${rest === "" ? "" : ` ${rest}`}`;
    };
    if (type === "flag") {
      throw new FilterError(start, `${field.name} is true or false`, op, undefined, instead(`= ${not}`));
    }
    if (op.endsWith("nan") && (type === "text" || type === "time")) {
      throw new FilterError(
        start,
        `${field.name} is not a number`,
        op,
        undefined,
        instead(`is ${not ? "not " : ""}null`),
      );
    }
    return { field, op };
  }
  const value: Value =
    comparison.value === undefined
      ? valueFrom(reader, field, comparison)
      : { value: comparison.value, token: reader.peek() };
  const error = refusal(reader, field, comparison, value);
  if (error) throw error;
  return { field, op, value: value.value };
}

const isState = (op: FilterOperator | StateOperator): op is StateOperator =>
  stateOperators.some((candidate) => candidate === op);
