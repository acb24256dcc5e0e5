/** A piece of a filter, from its character `at` to before `end`, both from 0. */
export type Token = { at: number; end: number } & (
  | { type: "name"; text: string; quoted: boolean }
  | { type: "string"; text: string }
  | { type: "number"; value: number; text: string }
  | { type: "operator"; text: string }
  | { type: "dot" }
  | { type: "end" }
);

/** An error at a place of a filter: what stood there, what to do, and the whole filter as it is probably meant. */
export class FilterError extends Error {
  constructor(
    readonly at: number,
    message: string,
    readonly near?: string,
    readonly suggestion?: string,
    readonly repaired?: string,
  ) {
    super(message);
  }
}

export const inBackticks =
  "A name with dots, spaces or other signs goes in backticks: metrics.`recall (TPR)`.";

const shapes: { type: "space" | Token["type"]; pattern: RegExp }[] = [
  { type: "space", pattern: /\s+/y },
  { type: "number", pattern: /[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])|[-+]inf(?:inity)?(?!\w)/iy },
  { type: "string", pattern: /'(?:[^']|'')*'|"(?:[^"]|"")*"/y },
  { type: "name", pattern: /`(?:[^`]|``)+`|[\p{L}\p{N}_][\p{L}\p{N}\p{M}_/@-]*/uy },
  { type: "operator", pattern: /<=|>=|!=|<>|==|=|<|>/y },
  { type: "dot", pattern: /\./y },
];

const infinite = (text: string) =>
  text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;

/** A number as filters write it: "0.5", "-1e-3", "inf". */
const numberOf = (text: string) => (/inf/i.test(text) ? infinite(text) : Number(text));

function tokenOf(type: Token["type"], found: string, place: { at: number; end: number }): Token {
  switch (type) {
    case "name": {
      const quoted = found.startsWith("`");
      return { type, ...place, quoted, text: quoted ? found.slice(1, -1).replaceAll("``", "`") : found };
    }
    case "string": {
      const quote = found.charAt(0);
      return { type, ...place, text: found.slice(1, -1).replaceAll(quote + quote, quote) };
    }
    case "number":
      return { type, ...place, value: numberOf(found), text: found };
    case "operator":
      return { type, ...place, text: found };
    default:
      return { type, ...place };
  }
}

/** The pieces of a filter, the end included. @throws FilterError */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const shape = shapes.find(({ pattern }) => {
      pattern.lastIndex = at;
      return pattern.test(text);
    });
    if (!shape) throw unexpected(text, at);
    const end = shape.pattern.lastIndex;
    if (shape.type !== "space") tokens.push(tokenOf(shape.type, text.slice(at, end), { at, end }));
    at = end;
  }
  return [...tokens, { type: "end", at: text.length, end: text.length }];
}

/** What typographers and other languages write, and what a filter has for it. */
const foreign: readonly [pattern: RegExp, ours: string, advice: string][] = [
  [/[‘’‚]/g, "'", "Text goes in straight quotes: 'adam'."],
  [/[“”„«»]/g, '"', "Text goes in straight quotes: 'adam'."],
  [/&&?/g, " and ", "Conditions are joined by and."],
  [/≤/g, "<=", "Comparisons are written <= and >=."],
  [/≥/g, ">=", "Comparisons are written <= and >=."],
  [/≠|!(?!=)/g, "!=", "Unequal is written !=."],
  [/(?<=\d),(?=\d)/g, ".", "A number has a decimal point."],
  [/−(?=[\d.])/g, "-", "A minus is a hyphen: -1.5."],
];

function unexpected(text: string, at: number): FilterError {
  const character = text.charAt(at);
  const near = text.slice(at, at + 20);
  if (character === "'" || character === '"' || character === "`")
    return new FilterError(at, "this quotation mark is not closed", near);
  const known = foreign.find(([pattern]) =>
    [...text.matchAll(pattern)].some(({ index, 0: found }) => index <= at && at < index + found.length),
  );
  if (known) {
    const repaired = foreign.reduce((mended, [pattern, ours]) => mended.replaceAll(pattern, ours), text);
    return new FilterError(
      at,
      `unexpected character ${character}`,
      near,
      known[2],
      repaired.replaceAll(/ {2,}/g, " "),
    );
  }
  const repaired = withNameInBackticks(text, at);
  const advice = repaired === undefined ? undefined : inBackticks;
  return new FilterError(at, `unexpected character ${character}`, near, advice, repaired);
}

/** The filter with the name around this place in backticks, up to the next comparison; undefined where there is none. */
export function withNameInBackticks(text: string, at: number): string | undefined {
  const [start] = [...text.matchAll(/\b(metrics?|params?)\./g)].filter(({ index }) => index <= at).slice(-1);
  if (!start) return undefined;
  const begin = start.index + start[0].length;
  const [rest] = /^.*?(?=\s*(?:[<>=!]|\s(?:is|like)\s)|$)/is.exec(text.slice(begin)) ?? [];
  const name = rest?.trim().replaceAll("`", "");
  if (!name || at > begin + (rest?.length ?? 0)) return undefined;
  return `${text.slice(0, begin)}\`${name}\`${text.slice(begin + (rest?.length ?? 0))}`;
}
