import { deepestNesting, jsonNestsDeeper } from "@reprise/contracts";

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
function looseJson(text: string, tidied: (value: unknown) => unknown = (value) => value): unknown {
  if (!needsCare.test(text)) return tidied(JSON.parse(text));
  const marked = text.replaceAll(tokens, (token) => {
    if (token.startsWith('"')) return token;
    if (token in named) return `"${mark}${token}"`;
    if (!/^-?\d+$/.test(token) || Number.isSafeInteger(Number(token))) return token;
    return `"${mark}${token}"`;
  });
  return revived(tidied(JSON.parse(marked)));
}

const isCompound = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Whether a value nests deeper than so many levels. Level by level: what calls itself runs out of stack. */
function isDeeper(value: unknown, most: number): boolean {
  let level = [value].filter(isCompound);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > most) return true;
    level = level.flatMap((item): unknown[] => Object.values(item)).filter(isCompound);
  }
  return false;
}

/** Levels down to which single entries are left out: of a list of rows, one entry of one row. */
const finest = 3;

/** Takes the entries out of a value that nest too deep; undefined where nothing else is in it. */
function shallow(value: unknown, level: number, path: string, leftOut: string[]): unknown {
  if (!isDeeper(value, deepestNesting - level)) return value;
  if (level === finest || !isCompound(value)) {
    leftOut.push(path);
    return undefined;
  }
  const kept = Object.entries(value)
    .map(
      ([key, item]) =>
        [key, shallow(item, level + 1, path === "" ? key : `${path}.${key}`, leftOut)] as const,
    )
    .filter(([, item]) => item !== undefined);
  if (kept.length === 0) return undefined;
  return Array.isArray(value) ? kept.map(([, item]) => item) : Object.fromEntries(kept);
}

/** JSON without the entries that nest deeper than whoever walks through it can go. */
export type ShallowJson = { value: unknown; leftOut: readonly string[] };

/** {@link looseJson} without what nests too deep, which is named; `value` is undefined where the text is none, or nothing is left. */
export function shallowJson(text: string): ShallowJson {
  const leftOut: string[] = [];
  try {
    if (!jsonNestsDeeper(text)) return { value: looseJson(text), leftOut };
    return { value: looseJson(text, (value) => shallow(value, 0, "", leftOut)), leftOut };
  } catch {
    return { value: undefined, leftOut };
  }
}

/** What is said of a file in which entries nest too deep. */
export function deepWords(leftOut: readonly string[]): string {
  const names = leftOut.slice(0, 3).map((name) => (name.length > 80 ? `${name.slice(0, 80)}…` : name));
  const more = leftOut.length > 3 ? ` and ${leftOut.length - 3} more` : "";
  return `nests deeper than ${deepestNesting} levels in ${names.join(", ")}${more}, which was left out`;
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
