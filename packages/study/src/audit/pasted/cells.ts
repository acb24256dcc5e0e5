import { type Convention, numberPattern, plainNumber } from "./numbers.js";

/** What a cell of a column of numbers says, its numbers with a decimal point and without thousands separators. */
export type Cell =
  | { kind: "blank" }
  | { kind: "number"; value: string; percent: boolean; beside: Beside | null; marks: string }
  | { kind: "unclear"; reason: string };

/** What stands behind the number: ±, or brackets and what they are read as. */
export type Beside =
  | { as: "plusMinus" | "bracket" | "lastDigits"; spread: string }
  | { as: "interval"; low: string; high: string }
  | { as: "counts"; count: string; of: string }
  | { as: "change" | "unknown"; text: string };

const blank = /^(|[-–—−]+|\.+|\\?n\.?\s?\/?\s?a\.?|nan|null|none|tba|tbd|✗|x)$/i;
export const isBlank = (text: string): boolean => blank.test(text.trim());

const number = `(${numberPattern})`;
const percent = "\\s*(%?)";
const whole = new RegExp(`^${number}${percent}$`);
const plusMinus = new RegExp(
  `^\\(?\\s*${number}${percent}\\s*(?:±|\\+\\s*/?\\s*[-−–])\\s*${number}${percent}\\s*\\)?${percent}$`,
);
const bracketed = new RegExp(
  `^${number}(?:\\s*(%))?(\\s*)[(\\[]\\s*(±?)\\s*${number}${percent}\\s*[)\\]]${percent}$`,
);
const interval = new RegExp(
  `^${number}${percent}\\s*[(\\[]\\s*(?:\\d+\\s*%\\s*(?:CI)?\\s*:?\\s+)?${number}${percent}\\s*(?:–|—|-|to|;|,\\s)\\s*${number}${percent}\\s*[)\\]]${percent}$`,
  "i",
);
const countsBehind = new RegExp(`^${number}${percent}\\s*[(\\[]\\s*${number}\\s*/\\s*${number}\\s*[)\\]]$`);
const countsBefore = new RegExp(`^${number}\\s*/\\s*${number}\\s*[(\\[]\\s*${number}${percent}\\s*[)\\]]$`);
const trailingBracket = /^(.*?\S)\s*[([]([^()[\]]*)[)\]]\s*$/;

/** Footnote marks and stars of significance behind a number. */
const mark = /(?:\s*(?:[*†‡§¶#↑↓]+|[ᵃᵇᶜᵈᵉ]+|\[[a-z]\]))+$/;
const raisedDigits = /[¹²³⁴⁵⁶⁷⁸⁹⁰]+$/;
const bound = /^(?:[<>≤≥~≈]|up to\b|about\b|ca\.)/i;

/** How many decimals a plain number shows. */
const decimalsOf = (plain: string) => (/\.(\d*)/.exec(plain)?.[1] ?? "").length;

function besideBracket(value: string, gap: string, sign: string, printed: string, spread: string): Beside {
  if (sign === "±") return { as: "plusMinus", spread };
  if (/^[+\-−–]/.test(printed)) return { as: "change", text: printed };
  const decimals = decimalsOf(value);
  if (gap === "" && decimals > 0 && /^\d{1,2}$/.test(spread))
    return { as: "lastDigits", spread: (Number(spread) / 10 ** decimals).toFixed(decimals) };
  if (decimals > 0 && decimalsOf(spread) === 0) return { as: "unknown", text: printed };
  return { as: "bracket", spread };
}

/** Reads one cell. Emphasis is gone already; `isCount`: a single group of three digits behind a comma are thousands. */
export function readCell(given: string, convention: Convention, isCount: boolean): Cell {
  const text = given.trim();
  if (isBlank(text)) return { kind: "blank" };
  if (text.length > 100) return { kind: "unclear", reason: "not a number" };
  if (bound.test(text)) return { kind: "unclear", reason: "a bound or an approximation, not a value" };
  const read = (part: string | undefined) => plainNumber(part ?? "", convention, isCount);
  const marks = mark.exec(text)?.[0] ?? "";
  const unmarked = text.slice(0, text.length - marks.length);
  const raised = raisedDigits.exec(unmarked)?.[0] ?? "";
  // "10²" may be a power; behind decimals a small figure is a footnote. A written power of ten keeps its exponent.
  const isPower = /10\s*[⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+$/.test(unmarked) && /[×x·*]/.test(unmarked);
  if (raised !== "" && !isPower && !/[.,]\d+\s*%?$/.test(unmarked.slice(0, -raised.length)))
    return { kind: "unclear", reason: "the raised figure may be a power or a footnote" };
  const body = raised !== "" && !isPower ? unmarked.slice(0, -raised.length).trim() : unmarked;
  const found = (value: string | null, signs: (string | undefined)[], beside: Beside | null): Cell =>
    value === null
      ? { kind: "unclear", reason: "its commas, points or spaces can be read in more than one way" }
      : {
          kind: "number",
          value,
          percent: signs.includes("%"),
          beside,
          marks: (marks + (isPower ? "" : raised)).trim(),
        };
  let match = whole.exec(body);
  if (match) return found(read(match[1]), [match[2]], null);
  match = plusMinus.exec(body);
  if (match) {
    const spread = read(match[3]);
    return found(spread === null ? null : read(match[1]), [match[2], match[4], match[5]], {
      as: "plusMinus",
      spread: spread ?? "",
    });
  }
  match = countsBehind.exec(body);
  if (match) {
    const [count, of] = [
      plainNumber(match[3] ?? "", convention, true),
      plainNumber(match[4] ?? "", convention, true),
    ];
    return found(read(match[1]), [match[2]], count && of ? { as: "counts", count, of } : null);
  }
  match = countsBefore.exec(body);
  if (match) {
    const [count, of] = [
      plainNumber(match[1] ?? "", convention, true),
      plainNumber(match[2] ?? "", convention, true),
    ];
    return found(read(match[3]), [match[4]], count && of ? { as: "counts", count, of } : null);
  }
  match = interval.exec(body);
  if (match) {
    const [low, high] = [read(match[3]), read(match[5])];
    const beside: Beside | null = low && high ? { as: "interval", low, high } : null;
    return found(read(match[1]), [match[2], match[4], match[6], match[7]], beside);
  }
  match = bracketed.exec(body);
  if (match) {
    const [value, spread] = [read(match[1]), read(match[5])];
    if (value === null || spread === null) return found(null, [], null);
    return found(
      value,
      [match[2], match[6], match[7]],
      besideBracket(value, match[3] ?? "", match[4] ?? "", match[5] ?? "", spread),
    );
  }
  match = trailingBracket.exec(body);
  const before = match && whole.exec(match[1] ?? "");
  if (match && before) return found(read(before[1]), [before[2]], { as: "unknown", text: match[2] ?? "" });
  return { kind: "unclear", reason: "not a number" };
}
