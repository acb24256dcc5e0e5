/** What a comma and a point mean in the numbers of a table; null where its numbers leave it open. */
export type Convention = { comma: "decimal" | "thousands" | null; point: "decimal" | "thousands" | null };

/** Digits with whatever may group them or divide off a fraction, and an exponent. */
export const numberPattern =
  "[+\\-−–]?(?:\\d(?:[\\d.,'’\\u00a0\\u2009\\u202f]|\\u0020(?=\\d{3}(?!\\d)))*|[.,]\\d+)(?:[eE][+\\-−–]?\\d+|\\s*[×x·*]\\s*10\\s*(?:\\^\\s*)?[+\\-−–⁻]?[\\d⁰¹²³⁴⁵⁶⁷⁸⁹]+)?";

const raised = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const plainDigits = (text: string) =>
  text.replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (digit) => String(raised.indexOf(digit))).replace(/[−–⁻]/g, "-");

/** Sign, digits and exponent of a number text: "5.0 × 10⁻⁴" has the exponent −4. */
function partsOf(text: string): { sign: string; digits: string; exponent: string } {
  const [, sign = "", digits = "", power = ""] =
    /^([+\-−–]?)([\d.,'’\u00a0\u2009\u202f ]*?)((?:[eE]|\s*[×x·*]\s*10\s*(?:\^\s*)?)[+\-−–⁻]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹]+)?$/.exec(
      text.trim(),
    ) ?? [];
  const exponent = plainDigits(power.replace(/^(?:[eE]|\s*[×x·*]\s*10\s*(?:\^\s*)?)/, ""));
  return { sign: plainDigits(sign), digits: digits.trim(), exponent: exponent === "" ? "" : `e${exponent}` };
}

const grouped = (digits: string, mark: string) =>
  new RegExp(`^\\d{1,3}(?:\\${mark}\\d{3})+$`).test(digits) && !digits.startsWith("0");

/** What a single number gives away about commas and points: "91,2" has a decimal comma, "1,234" may have either. */
function conventionOf(text: string): Convention {
  const digits = partsOf(text).digits.replace(/['’\u00a0\u2009\u202f ]/g, "");
  const [comma, point] = [digits.lastIndexOf(","), digits.lastIndexOf(".")];
  if (comma >= 0 && point >= 0)
    return comma > point
      ? { comma: "decimal", point: "thousands" }
      : { comma: "thousands", point: "decimal" };
  if (comma >= 0)
    return {
      comma: grouped(digits, ",") ? (digits.split(",").length > 2 ? "thousands" : null) : "decimal",
      point: null,
    };
  if (point >= 0)
    return {
      comma: null,
      point: grouped(digits, ".") ? (digits.split(".").length > 2 ? "thousands" : null) : "decimal",
    };
  return { comma: null, point: null };
}

/**
 * What all numbers of a table together say of commas and points; null where they say nothing. One of the two divides decimals
 * in a table, the one that does so more often; a number that uses the other so is not understood.
 */
export function commonConvention(texts: Iterable<string>): Convention {
  const votes = { comma: { decimal: 0, thousands: 0 }, point: { decimal: 0, thousands: 0 } };
  for (const text of texts) {
    const { comma, point } = conventionOf(text);
    if (comma) votes.comma[comma] += 1;
    if (point) votes.point[point] += 1;
  }
  const commas = votes.comma.decimal + votes.point.thousands;
  const points = votes.point.decimal + votes.comma.thousands;
  if (commas === points) return { comma: null, point: null };
  return commas > points
    ? { comma: "decimal", point: "thousands" }
    : { comma: "thousands", point: "decimal" };
}

/**
 * A number with a point for decimals and nothing between thousands, as `readPrinted` reads it; null where commas or points
 * leave two readings ("1,234" where nothing in the table decides) or none.
 */
export function plainNumber(text: string, convention: Convention, isCount: boolean): string | null {
  const { sign, digits: marked, exponent } = partsOf(text);
  if (marked === "") return null;
  const spaced = /[\d][ \u00a0\u2009\u202f'’]/.test(marked);
  const digits = marked.replace(/['’\u00a0\u2009\u202f ]/g, "");
  if (spaced && !/^\d{1,3}(?:[ \u00a0\u2009\u202f'’]\d{3})+(?:[.,]\d*)?$/.test(marked)) return null;
  const own = conventionOf(digits);
  const commas = digits.includes(",");
  const points = digits.includes(".");
  let plain: string | null = digits;
  if (commas && points) {
    if (own.comma !== convention.comma && convention.comma !== null) return null;
    const [thousands, decimal] = own.comma === "decimal" ? [".", ","] : [",", "."];
    const [whole = "", fraction = "", ...more] = digits.split(decimal);
    plain =
      more.length > 0 || !grouped(whole, thousands) ? null : `${whole.replaceAll(thousands, "")}.${fraction}`;
  } else if (commas || points) {
    const mark = commas ? "," : ".";
    const said = commas ? own.comma : own.point;
    const shared = commas ? convention.comma : convention.point;
    if (said !== null && shared !== null && said !== shared) return null;
    // A point alone is a decimal point wherever the table does not say otherwise.
    const meaning = said ?? (isCount ? "thousands" : (shared ?? (points ? "decimal" : null)));
    if (meaning === null) return null;
    if (meaning === "thousands") plain = grouped(digits, mark) ? digits.replaceAll(mark, "") : null;
    else plain = digits.split(mark).length === 2 ? digits.replace(mark, ".") : null;
  }
  return plain === null ? null : `${sign === "+" ? "" : sign}${plain}${exponent}`;
}
