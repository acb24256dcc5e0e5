import { clipped, decimalsByRow, decodeNumber, type WireNumber } from "@reprise/contracts";

const minus = "−";
export const missing = "–";

function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  const signless = text.replace("-", "");
  return value < 0 && Number(text) !== 0 ? minus + signless : signless;
}

function nonFinite(value: number): string | null {
  if (Number.isNaN(value)) return "NaN";
  if (value === Number.POSITIVE_INFINITY) return "∞";
  return value === Number.NEGATIVE_INFINITY ? `${minus}∞` : null;
}

/** A number stays on one line with its unit, "p = 0.94" and "[1, 2]" as a whole; before the sign of percent the space is narrow. */
export const unbroken = (sentence: string) =>
  sentence
    .replace(/(?<=\d|\]) %/g, "\u202f%")
    .replace(/(?<=\d|\]) pp/g, "\u00a0pp")
    .replace(/\b(p|n|W|SD) ([=<>≥]) (?=\d)/g, "$1\u00a0$2\u00a0")
    .replace(/\[([^[\]\s]+), ([^[\]\s]+)\]/g, "[$1,\u00a0$2]");

/** A word or a few as a heading begins. */
export const capitalized = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

/** The number behind a wire number, or null where there is none. */
export function numberOrNull(value: WireNumber | null | undefined): number | null {
  return value === null || value === undefined ? null : decodeNumber(value);
}

/** The number if it can be drawn, else null. */
export function finiteOrNull(value: WireNumber | null | undefined): number | null {
  const number = numberOrNull(value);
  return number !== null && Number.isFinite(number) ? number : null;
}

/** `n` significant digits without an exponent where that stays readable: 0.0123, 12.3, 1.2e−7. */
export function significant(value: number, digits = 3): string {
  const special = nonFinite(value);
  if (special) return special;
  if (value === 0) return "0";
  const size = Math.floor(Math.log10(Math.abs(value)));
  if (size < -4 || size > 6) return value.toExponential(digits - 1).replaceAll("-", minus);
  return fixed(value, Math.max(0, digits - 1 - size));
}

/** Decimals at which an uncertainty keeps two significant digits, between 0 and 6. */
export function decimalsFor(uncertainty: number | null): number | null {
  if (uncertainty === null || !Number.isFinite(uncertainty) || uncertainty < 1e-9) return null;
  return Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(uncertainty))));
}

/** Factor from a value to percent, for units that are shown in percent; null for all others. */
const percentFactor = (unit: string) => (unit === "fraction" ? 100 : unit === "percent" ? 1 : null);

/** The uncertainty by which the figures of each row of a column are rounded; the rule is that of tables in files. */
export function uncertaintiesByRow(
  uncertainties: readonly (number | null)[],
  unit: string,
): (number | null)[] {
  const factor = axisScale(unit);
  const own = uncertainties.map((uncertainty) =>
    decimalsFor(uncertainty === null ? null : uncertainty * factor),
  );
  return decimalsByRow(own).map((decimals) => (decimals === null ? null : 10 ** (1 - decimals) / factor));
}

/**
 * A metric value as shown: fractions and percentages in percent, everything else as it is. Decimals follow `uncertainty` (in the
 * metric's own unit) where it is known.
 */
export function metricValue(
  value: WireNumber | null | undefined,
  unit: string,
  uncertainty: number | null = null,
): string {
  const number = numberOrNull(value);
  if (number === null) return missing;
  const special = nonFinite(number);
  if (special) return special;
  const factor = percentFactor(unit);
  if (factor !== null) {
    return `${fixed(number * factor, Math.min(3, decimalsFor(uncertainty === null ? null : uncertainty * factor) ?? 2))}\u202f%`;
  }
  const decimals = decimalsFor(uncertainty);
  const text = decimals === null ? significant(number, 4) : fixed(number, decimals);
  return unit === "" ? text : `${text} ${unit}`;
}

/** A difference of two metric values: those of fractions and percentages in percentage points, with its sign where `signed`. */
export function metricDifference(
  value: WireNumber | null | undefined,
  unit: string,
  { signed = false, uncertainty = null }: { signed?: boolean; uncertainty?: number | null } = {},
): string {
  const number = numberOrNull(value);
  if (number === null) return missing;
  const special = nonFinite(number);
  if (special) return special;
  const plus = signed && number > 0 ? "+" : "";
  const factor = percentFactor(unit);
  const decimals = decimalsFor(uncertainty === null ? null : uncertainty * (factor ?? 1));
  if (factor !== null) return `${plus}${fixed(number * factor, Math.min(3, decimals ?? 2))} pp`;
  return `${plus}${significant(number, 3)}${unit === "" ? "" : ` ${unit}`}`;
}

/** Unit in which a metric is drawn on an axis. */
export function axisUnit(unit: string): string {
  return percentFactor(unit) === null ? unit : "%";
}

/** Unit in which differences of a metric are drawn. */
export function differenceUnit(unit: string): string {
  return percentFactor(unit) === null ? unit : "pp";
}

/** Factor from the wire to the axis: fractions are drawn in percent. */
export function axisScale(unit: string): number {
  return unit === "fraction" ? 100 : 1;
}

/** "p = 0.031", "p < 0.001", "p > 0.99". */
export function pValue(value: WireNumber | null): string {
  const p = numberOrNull(value);
  if (p === null) return missing;
  if (Number.isNaN(p)) return "p undefined";
  if (p < 0.001) return "p < 0.001";
  if (p > 0.99) return "p > 0.99";
  return `p = ${p >= 0.1 ? p.toFixed(2) : p.toFixed(3)}`;
}

/** A share as a whole percentage: 0.512 → "51 %". */
export function share(value: WireNumber | null, decimals = 0): string {
  const number = numberOrNull(value);
  if (number === null) return missing;
  return nonFinite(number) ?? `${fixed(number * 100, decimals)}\u202f%`;
}

/** Percent of one processor as processors: 137 → "1.37 processors", 100 → "1.00 processor". */
export function processorShare(percent: number): string {
  const number = (percent / 100).toFixed(2);
  return `${number} ${number === "1.00" ? "processor" : "processors"}`;
}

/** A signed relative difference that already is a percentage. */
export function percent(value: WireNumber | null, decimals = 2): string {
  const number = numberOrNull(value);
  if (number === null) return missing;
  return nonFinite(number) ?? `${number > 0 ? "+" : ""}${fixed(number, decimals)}\u202f%`;
}

const whole = new Intl.NumberFormat("en");

export function count(value: number, noun?: string): string {
  return noun ? `${whole.format(value)} ${noun}${value === 1 ? "" : "s"}` : whole.format(value);
}

/**
 * A metric's label without what it explains in brackets, for axes, titles and menus. A name that nobody announced is no
 * explanation: `recall (TPR)` and `recall (PPV)` stay two.
 */
export function shortLabel(label: string, key: string | undefined): string {
  return clipped(label === key ? label : label.replace(/\s*\([^)]*\)$/, ""), 60);
}
