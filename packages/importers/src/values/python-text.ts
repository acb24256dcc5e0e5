const numbers = /^[-+]?(?:\d+(?:_\d+)*)?(?:\.\d*)?(?:[eE][-+]?\d+)?$/;
const nonFinite: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
};

/** A number as Python, numpy or a CSV writes it (`nan`, `-inf`, `1e-08`); null for anything else. */
export function numberOf(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  const first = trimmed.charCodeAt(trimmed.length - 1);
  if (first >= 48 && first <= 57) {
    const value = Number(trimmed);
    return Number.isNaN(value) || !numbers.test(trimmed) ? null : value;
  }
  const unsigned = trimmed.replace(/^[-+]/, "").toLowerCase();
  if (!Object.hasOwn(nonFinite, unsigned))
    return numbers.test(trimmed) && /\d/.test(trimmed) ? Number(trimmed) : null;
  const value = nonFinite[unsigned] as number;
  return trimmed.startsWith("-") ? -value : value;
}

/** What `str(value)` of Python meant: None, True, numbers, empty lists and objects; every other text stays one. */
export function pythonValue(text: string): unknown {
  if (text === "None") return null;
  if (text === "True") return true;
  if (text === "False") return false;
  if (text === "[]" || text === "()") return [];
  if (text === "{}") return {};
  if (/^[-+]?\d+$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
  const list = /^[[(](.*)[\])]$/s.exec(text)?.[1];
  if (list !== undefined && !/[[({]/.test(list)) {
    const items = list
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
    if (
      items.every(
        (item) => /^(['"]).*\1$/s.test(item) || numberOf(item) !== null || /^(None|True|False)$/.test(item),
      )
    )
      return items.map((item) => (/^['"]/.test(item) ? item.slice(1, -1) : pythonValue(item)));
  }
  return /\d/.test(text) || /^[-+]?(nan|inf)$/.test(text) ? (numberOf(text) ?? text) : text;
}
