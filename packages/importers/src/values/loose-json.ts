import { jsonNestsDeeper } from "@reprise/contracts";

const named = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, "-Infinity": Number.NEGATIVE_INFINITY };
type NonFinite = keyof typeof named;

/** What never stands in a text that a program logs: a private character, then what it stands for. */
const mark = "\u{F0000}";
const needsCare = /NaN|Infinity|\d{16}/;
const tokens = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

function revived(value: unknown): unknown {
  if (typeof value === "string" && value.startsWith(mark)) {
    const text = value.slice(mark.length);
    return text in named ? named[text as NonFinite] : BigInt(text);
  }
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revived(item)]));
}

/**
 * JSON as Python writes it: bare NaN and ±Infinity are numbers, and an integer beyond ±(2^53 − 1) is a bigint.
 * @throws SyntaxError where the text is no such JSON.
 */
function looseJson(text: string): unknown {
  if (!needsCare.test(text)) return JSON.parse(text);
  const marked = text.replaceAll(tokens, (token) => {
    if (token.startsWith('"')) return token;
    if (token in named) return `"${mark}${token}"`;
    if (!/^-?\d+$/.test(token) || Number.isSafeInteger(Number(token))) return token;
    return `"${mark}${token}"`;
  });
  return revived(JSON.parse(marked));
}

/** {@link looseJson}, or undefined where the text is none, or nests deeper than whoever walks through it can go. */
export function tryJson(text: string): unknown {
  try {
    return jsonNestsDeeper(text) ? undefined : looseJson(text);
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A measured value: a number, or the name of one that JSON has no word for. Null for anything else. */
export function measuredOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "string" && value in named) return named[value as NonFinite];
  return null;
}
