import { type FieldError, shortened } from "./problem.js";

type Loss = Pick<FieldError, "message" | "suggestion">;

/** What a number that is written like this becomes something else by, and what to write instead; null where it is read as written. */
function lossOf(path: string, digits: string): Loss | null {
  const value = Number(digits);
  const asString = `Write it as a string: "${shortened(digits)}"`;
  if (!Number.isFinite(value))
    return {
      message: "is larger than any number of double precision (about 1.8e308)",
      suggestion: `${asString}.`,
    };
  if (value === 0 && /^-?[\d.]*[1-9]/.test(digits))
    return {
      message: "is nearer to 0 than any number of double precision (about 5e-324)",
      suggestion: `Write 0 if that is meant. ${asString} otherwise.`,
    };
  if (!/^-?\d+$/.test(digits) || Number.isSafeInteger(value)) return null;
  const message = "is an integer beyond ±(2^53 − 1), which JSON does not carry to the last digit";
  if (/(^|\.)seeds?(\.\d+)?$/i.test(path))
    return { message, suggestion: `Seeds go up to ${Number.MAX_SAFE_INTEGER}.` };
  return { message, suggestion: `${asString}, or with an exponent if it need not be exact.` };
}

function errorAt(path: string, digits: string): FieldError | null {
  const loss = lossOf(path, digits);
  return loss && { path, value: shortened(digits), ...loss };
}

/** Faults that are named at most; a document with more of them has one cause. */
const mostNamed = 20;

/** A number or the name of a field in a text of JSON, and where it stands. */
type JsonToken = {
  path: readonly (string | number)[];
  text: string;
  at: number;
  kind: "number" | "name" | "repeated name";
};

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[{}[\],]/g;

/** All numbers and names of fields of a text that is valid JSON, in their order. */
function* tokensOf(json: string): Generator<JsonToken> {
  type Level = { names: Set<string> | null; key: string | number; awaitsName: boolean };
  const levels: Level[] = [];
  const pathOf = () => levels.map(({ key }) => key);
  for (const { 0: text, index: at } of json.matchAll(token)) {
    const level = levels.at(-1);
    if (text === "{") levels.push({ names: new Set(), key: "", awaitsName: true });
    else if (text === "[") levels.push({ names: null, key: 0, awaitsName: false });
    else if (text === "}" || text === "]") levels.pop();
    else if (text === ",") {
      if (level?.names) level.awaitsName = true;
      else if (level) level.key = Number(level.key) + 1;
    } else if (text.startsWith('"')) {
      if (!level?.awaitsName) continue;
      const name = String(JSON.parse(text));
      const kind = level.names?.has(name) ? "repeated name" : "name";
      level.names?.add(name);
      Object.assign(level, { key: name, awaitsName: false });
      yield { path: pathOf(), text: name, at, kind };
    } else yield { path: pathOf(), text, at, kind: "number" };
  }
}

const dotted = (path: readonly (string | number)[]) => path.map((part) => shortened(String(part))).join(".");

/** Names that one object of a JSON text has twice, of which a reader takes the last. The text must be valid JSON. */
export function repeatedNames(json: string): FieldError[] {
  const found: FieldError[] = [];
  for (const { kind, path } of tokensOf(json)) {
    if (kind !== "repeated name" || found.length === mostNamed) continue;
    const message = "is given twice in one object, of which a reader of JSON takes the last";
    found.push({ path: dotted(path), message, suggestion: "Leave one of the two out." });
  }
  return found;
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39;

/** Whether so many digits stand in a row somewhere, told from every so manieth character. */
function hasDigits(text: string, count: number): boolean {
  for (let at = count - 1; at < text.length; at += count) {
    let [from, to] = [at, at];
    if (!isDigit(text.charCodeAt(at))) continue;
    while (to - from < count && isDigit(text.charCodeAt(from - 1))) from -= 1;
    while (to - from < count && isDigit(text.charCodeAt(to + 1))) to += 1;
    if (to - from + 1 >= count) return true;
  }
  return false;
}

/** Whether a number of the text may have an exponent of three digits. */
function hasLongExponent(text: string): boolean {
  for (const letter of ["e", "E"]) {
    for (let at = text.indexOf(letter); at >= 0; at = text.indexOf(letter, at + 1)) {
      const sign = text.charCodeAt(at + 1);
      const from = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1;
      if ([0, 1, 2].every((more) => isDigit(text.charCodeAt(from + more)))) return true;
    }
  }
  return false;
}

// Not by expressions: over histories of thousands of numbers these took as long as reading them.
const mayOverflow = (text: string) => hasDigits(text, 300) || hasLongExponent(text);
const mayBeLong = (text: string) => hasDigits(text, 16);

/**
 * Numbers of a JSON text that would be read as others than are written: integers beyond ±(2^53 − 1), and numbers out of the
 * range of double precision. The text must be valid JSON. `measurements` are rounded, as all measured values are, and may have any
 * number of digits; only a value beyond all numbers is named.
 */
export function inexactNumbers(json: string, what: "document" | "measurements" = "document"): FieldError[] {
  const found: FieldError[] = [];
  if (!mayOverflow(json) && (what === "measurements" || !mayBeLong(json))) return found;
  for (const { kind, path, text } of tokensOf(json)) {
    if (kind !== "number" || (what === "measurements" && Number.isFinite(Number(text)))) continue;
    const error = errorAt(dotted(path), text);
    if (error === null) continue;
    found.push(error);
    if (found.length === mostNamed) break;
  }
  return found;
}

/** How YAML is read: integers to the last digit, for {@link exactDocument}; merge keys (`<<`) as YAML 1.1 has them; few aliases. */
export const yamlReading = { intAsBigInt: true, merge: true, maxAliasCount: 100 } as const;

const deepest = 200;

/**
 * A document whose integers were read to the last digit (`yamlReading`) with numbers in their place, and the integers among
 * them that no number holds.
 */
export function exactDocument(read: unknown): { value: unknown; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const converted = (value: unknown, path: readonly string[]): unknown => {
    if (typeof value === "bigint") {
      const error = errorAt(path.map(shortened).join("."), String(value));
      if (error !== null && errors.length < mostNamed) errors.push(error);
      return Number(value);
    }
    if (path.length > deepest || typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item, index) => converted(item, [...path, String(index)]));
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, converted(item, [...path, key])]),
    );
  };
  return { value: converted(read, []), errors };
}

/** The text with every integer beyond ±(2^53 − 1) written in another way. */
function rewritten(json: string, write: (digits: string) => string): string {
  if (!mayBeLong(json)) return json;
  let written = "";
  let from = 0;
  for (const { kind, text: digits, at } of tokensOf(json)) {
    if (kind !== "number" || !/^-?\d+$/.test(digits) || Number.isSafeInteger(Number(digits))) continue;
    written += json.slice(from, at) + write(digits);
    from = at + digits.length;
  }
  return written + json.slice(from);
}

/**
 * JSON in which a number of double precision beyond ±(2^53 − 1) is written with an exponent (1e+20), so that a reader takes its
 * digits for no integer that somebody wrote out.
 */
export const jsonText = (value: unknown): string =>
  rewritten(JSON.stringify(value), (digits) => Number(digits).toExponential());

/** Valid JSON in which integers that no number holds are texts, to the last digit. */
export const integersAsTexts = (json: string): string => rewritten(json, (digits) => `"${digits}"`);
