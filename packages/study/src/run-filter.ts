import {
  didYouMean,
  type FieldError,
  type FilterClause,
  type FilterOperator,
  filterableAttributes,
  filterOperators,
  type Parsed,
  type RunField,
  type RunFilter,
  runAttributes,
  sameName,
  showValue,
} from "@reprise/contracts";

const attributeNamed = (name: string) => filterableAttributes.find((candidate) => candidate === name);

/** Whether only numbers compare with it; hyperparameters may hold anything. */
function isNumeric({ kind, name }: RunField): boolean {
  const attribute = kind === "attribute" ? attributeNamed(name) : undefined;
  const type = attribute && runAttributes[attribute].type;
  return kind === "metric" || type === "integer" || type === "number";
}

const prefixes: Record<string, RunField["kind"]> = {
  metrics: "metric",
  metric: "metric",
  params: "param",
  param: "param",
  attributes: "attribute",
  attribute: "attribute",
};

type Token =
  | { type: "name"; text: string; quoted: boolean; at: number }
  | { type: "string"; text: string; at: number }
  | { type: "number"; value: number; text: string; at: number }
  | { type: "operator"; text: string; at: number }
  | { type: "dot"; at: number }
  | { type: "end"; at: number };

/** An error at a place of the text; thrown inside this file only. */
class FilterError extends Error {
  constructor(
    readonly at: number,
    message: string,
    readonly near?: string,
    readonly suggestion?: string,
  ) {
    super(message);
  }
}

const inBackticks = "A name with dots, spaces or other signs stands in backticks: metrics.`recall (TPR)`.";

const shapes: { type: "space" | Token["type"]; pattern: RegExp }[] = [
  { type: "space", pattern: /\s+/y },
  { type: "number", pattern: /[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])/y },
  { type: "string", pattern: /'(?:[^']|'')*'|"(?:[^"]|"")*"/y },
  { type: "name", pattern: /`(?:[^`]|``)+`|[\p{L}\p{N}_][\p{L}\p{N}\p{M}_/@-]*/uy },
  { type: "operator", pattern: /<=|>=|!=|<>|==|=|<|>/y },
  { type: "dot", pattern: /\./y },
];

function nextToken(text: string, at: number): { token: Token | null; end: number } {
  for (const { type, pattern } of shapes) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) continue;
    const end = at + found.length;
    if (type === "name") {
      const quoted = found.startsWith("`");
      const name = quoted ? found.slice(1, -1).replaceAll("``", "`") : found;
      return { token: { type, text: name, quoted, at }, end };
    }
    if (type === "string") {
      const quote = found.charAt(0);
      return { token: { type, text: found.slice(1, -1).replaceAll(quote + quote, quote), at }, end };
    }
    if (type === "number") return { token: { type, value: Number(found), text: found, at }, end };
    if (type === "operator") return { token: { type, text: found, at }, end };
    return { token: type === "dot" ? { type, at } : null, end };
  }
  const character = text.charAt(at);
  const open = character === "'" || character === '"' || character === "`";
  throw new FilterError(
    at,
    open ? "this quotation mark is not closed" : `unexpected character ${character}`,
    text.slice(at, at + 20),
    open ? undefined : inBackticks,
  );
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const { token, end } = nextToken(text, at);
    if (token) tokens.push(token);
    at = end;
  }
  return [...tokens, { type: "end", at: text.length }];
}

function show(token: Token): string | undefined {
  if (token.type === "end") return undefined;
  return token.type === "dot" ? "." : token.text;
}

function parseTokens(tokens: readonly Token[]): RunFilter {
  let index = 0;
  const take = (): Token => tokens[Math.min(index++, tokens.length - 1)] ?? { type: "end", at: 0 };
  const peek = (): Token => tokens[Math.min(index, tokens.length - 1)] ?? { type: "end", at: 0 };

  const field = (): RunField => {
    const first = take();
    if (first.type !== "name") {
      throw new FilterError(
        first.at,
        "expected a field",
        show(first),
        "Write metrics.NAME, params.NAME or a property such as status.",
      );
    }
    if (peek().type !== "dot") {
      if (attributeNamed(first.text)) return { kind: "attribute", name: first.text };
      throw new FilterError(
        first.at,
        "unknown property of a run",
        first.text,
        `${didYouMean(first.text, filterableAttributes)} Metrics and hyperparameters are written metrics.NAME and params.NAME.`,
      );
    }
    const kind = first.quoted ? undefined : prefixes[first.text];
    if (!kind) {
      throw new FilterError(
        first.at,
        "unknown kind of field",
        first.text,
        didYouMean(first.text, ["metrics", "params", "attributes"]),
      );
    }
    take();
    const name = take();
    if (name.type !== "name")
      throw new FilterError(name.at, `expected a name after ${first.text}.`, show(name), inBackticks);
    if (kind === "attribute" && !attributeNamed(name.text)) {
      const suggestion = didYouMean(name.text, filterableAttributes);
      throw new FilterError(name.at, "unknown property of a run", name.text, suggestion);
    }
    return { kind, name: kind === "metric" ? sameName(name.text) : name.text };
  };

  const operator = (left: RunField): { op: FilterOperator; at: number } => {
    const token = take();
    const text =
      token.type === "name" ? token.text.toLowerCase() : token.type === "operator" ? token.text : "";
    const spelled = { "==": "=", "<>": "!=" }[text] ?? text;
    const op = filterOperators.find((candidate) => candidate === spelled);
    if (!op) {
      throw new FilterError(
        token.at,
        "expected a comparison",
        show(token),
        `One of ${filterOperators.join(" ")}.${left.kind === "attribute" || token.type === "end" ? "" : ` ${inBackticks}`}`,
      );
    }
    return { op, at: token.at };
  };

  const value = (): { value: FilterClause["value"]; at: number } => {
    const token = take();
    if (token.type === "number") return { value: token.value, at: token.at };
    if (token.type === "string") return { value: token.text, at: token.at };
    if (token.type === "name" && !token.quoted && /^(true|false)$/i.test(token.text)) {
      return { value: token.text.toLowerCase() === "true", at: token.at };
    }
    throw new FilterError(
      token.at,
      "expected a value",
      show(token),
      token.type === "name" ? `Put text in quotes: '${token.text}'.` : "A number, 'text', true or false.",
    );
  };

  const clause = (): FilterClause => {
    const left = field();
    const { op, at } = operator(left);
    const right = value();
    const numeric = isNumeric(left);
    if (op === "like" && (typeof right.value !== "string" || numeric)) {
      throw new FilterError(at, "like compares text", undefined, "Use % for any characters: like 'ad%'.");
    }
    if (numeric && typeof right.value !== "number") {
      throw new FilterError(
        right.at,
        `${left.name} is a number`,
        String(right.value),
        "Compare it with a number.",
      );
    }
    if (left.kind === "attribute" && !numeric && typeof right.value !== "string") {
      throw new FilterError(
        right.at,
        `${left.name} is text`,
        String(right.value),
        "Put the value in quotes.",
      );
    }
    return { field: left, op, value: right.value };
  };

  const all = [clause()];
  for (;;) {
    const token = take();
    if (token.type === "end") return { all };
    const word = token.type === "name" ? token.text.toLowerCase() : "";
    if (word === "or") {
      throw new FilterError(
        token.at,
        "or is not supported",
        show(token),
        "Ask twice, or join clauses by and.",
      );
    }
    if (word !== "and") throw new FilterError(token.at, "expected and, or the end", show(token));
    all.push(clause());
  }
}

/**
 * Parses the filter of a run list, in MLflow's manner: `metrics.validationAccuracy > 0.9 and params.optimizer = 'adam'`.
 * Names with other characters stand in backticks, text in single or double quotes; the same inside is doubled. Errors say at which
 * character (from 1) and what stood there. An empty text is an empty filter.
 */
export function parseRunFilter(text: string): Parsed<RunFilter> {
  try {
    return { ok: true, value: text.trim() === "" ? { all: [] } : parseTokens(tokensOf(text)) };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const { at, message, near, suggestion } = error;
    const place = at >= text.length ? "at the end" : `at character ${at + 1}`;
    const fieldError: FieldError = { path: "filter", message: `${message} ${place}` };
    if (near !== undefined) fieldError.value = showValue(near);
    if (suggestion !== undefined) fieldError.suggestion = suggestion;
    return { ok: false, errors: [fieldError] };
  }
}
