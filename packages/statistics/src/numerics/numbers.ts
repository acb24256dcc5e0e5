/**
 * JSON has no NaN and no infinities; they travel as the strings "NaN", "Infinity" and "-Infinity", in both directions.
 */
const WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** Replaces the three words by the numbers they stand for, at any depth. Other values are passed on as they are. */
export function decodeNumbers(value: unknown): unknown {
  if (typeof value === "string") return Object.hasOwn(WORDS, value) ? WORDS[value] : value;
  if (Array.isArray(value)) return value.map(decodeNumbers);
  if (isPlainObject(value)) return mapEntries(value, decodeNumbers);
  return value;
}

/** Replaces NaN and infinite numbers by their words, at any depth; typed arrays become arrays, bigints decimal strings. */
export function encodeNumbers(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(encodeNumbers);
  if (ArrayBuffer.isView(value) && Symbol.iterator in value)
    return Array.from(value as Iterable<unknown>, encodeNumbers);
  if (isPlainObject(value)) return mapEntries(value, encodeNumbers);
  return value;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
}

function mapEntries(
  object: Record<string, unknown>,
  map: (value: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
