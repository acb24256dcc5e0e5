import type { AuditColumn } from "@reprise/contracts";
import type { Interval } from "@reprise/statistics";

/** A number as printed: its value, and how far the number it was rounded from can lie from it. */
export type Printed = {
  text: string;
  value: number;
  /** Half a unit of the last printed decimal; 0 for counts. */
  half: number;
  decimals: number;
};

const form = /^([+-]?(?:\d+(?:\.(\d*))?|\.(\d+)))(?:e([+-]?\d+))?%?$/i;

/** A printed number with its precision, or null for anything else ("", "–", "All"). */
export function readPrinted(text: string): Printed | null {
  const trimmed = text.trim().replace(/^−/, "-");
  const match = form.exec(trimmed);
  if (!match) return null;
  const [, digits = "", afterPoint, onlyFraction, exponent = "0"] = match;
  const decimals = (afterPoint ?? onlyFraction ?? "").length - Number(exponent);
  const value = Number(`${digits}e${exponent}`);
  return Number.isFinite(value) ? { text: trimmed, value, half: 0.5 * 10 ** -decimals, decimals } : null;
}

/** "2/5", "2 of 5" or "All" of `k`; a whole number; null when it is none of them. */
export function countOf(text: string, k: number): number | null {
  if (/^all$/i.test(text)) return k;
  const [, count, of] = /^(\d+)\s*(?:\/|of)\s*(\d+)$/.exec(text) ?? [];
  if (count !== undefined) return Number(of) === k ? Number(count) : null;
  const plain = readPrinted(text)?.value;
  return plain !== undefined && Number.isInteger(plain) ? plain : null;
}

/** What one unit is in the base unit of its kind, so that 92.57 percent and 0.9257 compare. */
const units: Record<AuditColumn["unit"], { kind: string; factor: number }> = {
  fraction: { kind: "share", factor: 1 },
  percent: { kind: "share", factor: 0.01 },
  seconds: { kind: "time", factor: 1 },
  minutes: { kind: "time", factor: 60 },
  hours: { kind: "time", factor: 3600 },
  kWh: { kind: "energy", factor: 1 },
  kgCO2e: { kind: "carbon", factor: 1 },
  none: { kind: "none", factor: 1 },
};

export const unitKind = (unit: AuditColumn["unit"]): string => units[unit].kind;
export const unitFactor = (unit: AuditColumn["unit"]): number => units[unit].factor;

/** The number in the base unit of its kind. */
export function inBaseUnit(printed: Printed, unit: AuditColumn["unit"]): Printed {
  const { factor } = units[unit];
  return { ...printed, value: printed.value * factor, half: printed.half * factor };
}

/** Room for the last bits of floating-point arithmetic, far below any printed precision. */
export const slack = (...magnitudes: number[]): number => 1e-9 * Math.max(1e-12, ...magnitudes.map(Math.abs));

/** All numbers that round to the printed one. */
export const possible = ({ value, half }: Printed): Interval => [value - half, value + half];

export function overlap([a, b]: Interval, [c, d]: Interval): boolean {
  const room = slack(a, b, c, d);
  return a <= d + room && c <= b + room;
}

/** A computed number in a sentence: one digit more than was printed, without trailing noise. */
export function written(value: number, decimals: number): string {
  const text = value.toFixed(Math.min(8, Math.max(0, decimals)));
  return (Number(text) === 0 ? text.replace("-", "") : text).replace(/-/g, "−");
}
