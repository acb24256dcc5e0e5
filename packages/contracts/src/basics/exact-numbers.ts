import { deepestNesting, endOfString } from "./nesting.js";
import { type FieldError, shortened } from "./problem.js";
import { AliasError, mostValues } from "./yaml-aliases.js";

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

const isDigit = (code: number) => code >= 0x30 && code <= 0x39;

type Path = readonly (string | number)[];

/** What is told of a text of JSON while it is gone through, in its order; `true` ends that. Paths are made where they are asked for. */
type Scan = {
  number?: (from: number, to: number, path: () => Path) => boolean;
  name?: (isRepeated: boolean, path: () => Path) => boolean;
};

/** An object or list that is open, and what stands before the place: a position, or from where to where its name is written. */
type Level = { names: Set<string> | null; isObject: boolean; at: number; to: number; awaitsName: boolean };

const isPartOfNumber = (code: number) =>
  isDigit(code) || code === 0x2e || code === 0x65 || code === 0x45 || code === 0x2b || code === 0x2d;

/** Goes through a text that is valid JSON. By characters: an expression for each of ten million numbers takes as many microseconds. */
function scan(json: string, { number, name }: Scan): void {
  const levels: Level[] = [];
  const nameOf = ({ at, to }: Level) => String(JSON.parse(json.slice(at, to)));
  const path = () =>
    levels.map((level) => (level.isObject ? (level.to === 0 ? "" : nameOf(level)) : level.at));
  let level: Level | undefined;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === 0x22) {
      const end = endOfString(json, at);
      if (level?.awaitsName) {
        Object.assign(level, { at, to: end + 1, awaitsName: false });
        if (name) {
          const given = nameOf(level);
          if (name(level.names?.has(given) === true, path)) return;
          level.names?.add(given);
        }
      }
      at = end;
    } else if (code === 0x2c) {
      if (level?.isObject) level.awaitsName = true;
      else if (level) level.at += 1;
    } else if (code === 0x2d || isDigit(code)) {
      const from = at;
      while (isPartOfNumber(json.charCodeAt(at + 1))) at += 1;
      if (number?.(from, at + 1, path)) return;
    } else if (code === 0x7b || code === 0x5b) {
      const isObject = code === 0x7b;
      level = { names: isObject && name ? new Set() : null, isObject, at: 0, to: 0, awaitsName: isObject };
      levels.push(level);
    } else if (code === 0x7d || code === 0x5d) {
      levels.pop();
      level = levels.at(-1);
    }
  }
}

const dotted = (path: Path) => path.map((part) => shortened(String(part))).join(".");

/** Names that one object of a JSON text has twice, of which a reader takes the last. The text must be valid JSON. */
export function repeatedNames(json: string): FieldError[] {
  const found: FieldError[] = [];
  const message = "is given twice in one object, of which a reader of JSON takes the last";
  scan(json, {
    name: (isRepeated, path) => {
      if (isRepeated) found.push({ path: dotted(path()), message, suggestion: "Leave one of the two out." });
      return found.length === mostNamed;
    },
  });
  return found;
}

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

/** Digits in a row with which a number can be infinite though its exponent has two of its own. */
const manyDigits = 200;

/** Whether a number has an exponent of three digits that is not negative, or {@link manyDigits}. */
function mayOverflowIn(json: string, from: number, to: number): boolean {
  if (to - from >= manyDigits) return true;
  for (let at = to - 1; at > from; at -= 1) {
    const code = json.charCodeAt(at);
    if (isDigit(code)) continue;
    if (code === 0x2b) return to - at > 3;
    return (code === 0x65 || code === 0x45) && to - at > 3;
  }
  return false;
}

// Not by expressions: over histories of thousands of numbers these took as long as reading them.
const mayOverflow = (text: string) => hasDigits(text, manyDigits) || hasLongExponent(text);
const mayBeLong = (text: string) => hasDigits(text, 16);

/**
 * Numbers of a JSON text that would be read as others than are written: integers beyond ±(2^53 − 1), and numbers out of the
 * range of double precision. The text must be valid JSON. `measurements` are rounded, as all measured values are, and may have any
 * number of digits; only a value beyond all numbers is named.
 */
export function inexactNumbers(json: string, what: "document" | "measurements" = "document"): FieldError[] {
  const found: FieldError[] = [];
  const isMeasured = what === "measurements";
  if (!mayOverflow(json) && (isMeasured || !mayBeLong(json))) return found;
  scan(json, {
    number: (from, to, path) => {
      // Of ten million measurements, nearly all of them ordinary ones, none is read for this.
      if (isMeasured && !mayOverflowIn(json, from, to)) return false;
      const digits = json.slice(from, to);
      if (isMeasured ? Number.isFinite(Number(digits)) : lossOf("", digits) === null) return false;
      const error = errorAt(dotted(path()), digits);
      if (error !== null) found.push(error);
      return found.length === mostNamed;
    },
  });
  return found;
}

/** How YAML is read: integers to the last digit, for {@link exactDocument}; merge keys (`<<`) as YAML 1.1 has them; few aliases. */
export const yamlReading = { intAsBigInt: true, merge: true, maxAliasCount: 100 } as const;

/**
 * A document whose integers were read to the last digit (`yamlReading`) with numbers in their place, and the integers among
 * them that no number holds. The value is a tree: what stands in several places by its aliases is copied to each of them.
 *
 * @throws {AliasError} where it nests too deep, as what holds itself does, or its parts repeat too often
 */
export function exactDocument(read: unknown): { value: unknown; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const seen = new Set<object>();
  let repeated = 0;
  const refuseGraph = (value: object, depth: number) => {
    if (depth > deepestNesting)
      throw new AliasError(
        `it nests deeper than ${deepestNesting} levels, or an alias stands inside its anchor`,
      );
    if (seen.has(value)) repeated += 1;
    seen.add(value);
    if (repeated > mostValues) throw new AliasError("its aliases repeat parts of it too often");
  };
  const converted = (value: unknown, path: readonly string[]): unknown => {
    if (typeof value === "bigint") {
      const error = errorAt(path.map(shortened).join("."), String(value));
      if (error !== null && errors.length < mostNamed) errors.push(error);
      return Number(value);
    }
    if (typeof value !== "object" || value === null) return value;
    refuseGraph(value, path.length);
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
  let done = 0;
  scan(json, {
    number: (from, to) => {
      const digits = json.slice(from, to);
      if (/^-?\d+$/.test(digits) && !Number.isSafeInteger(Number(digits))) {
        written += json.slice(done, from) + write(digits);
        done = to;
      }
      return false;
    },
  });
  return written + json.slice(done);
}

/**
 * JSON in which a number of double precision beyond ±(2^53 − 1) is written with an exponent (1e+20), so that a reader takes its
 * digits for no integer that somebody wrote out.
 */
export const jsonText = (value: unknown): string =>
  rewritten(JSON.stringify(value), (digits) => Number(digits).toExponential());

/** Valid JSON in which integers that no number holds are texts, to the last digit. */
export const integersAsTexts = (json: string): string => rewritten(json, (digits) => `"${digits}"`);
