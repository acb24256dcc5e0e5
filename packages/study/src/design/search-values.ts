import type { ParameterValue, Range, SweepSpec } from "@reprise/contracts";
import { uniformAt } from "./digests.js";
import { sobolPoint } from "./sobol.js";

/** What a parameter may be in a search: values written out, or a range. */
export type SearchValues = ParameterValue[] | Range;

/** Whole numbers that a range holds, as first and last. */
function wholeNumbers(range: Range): { first: number; last: number } {
  return { first: Math.ceil(range.min), last: Math.floor(range.max) };
}

/** Twelve significant digits: 0.1 + 0.2 becomes 0.3, and no key depends on the last bit of a platform's logarithm. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/** The point at `fraction` (0..1) of a range, linear or logarithmic, before rounding to whole numbers. */
function pointOf(range: Range, fraction: number): number {
  if (fraction <= 0) return range.min;
  if (fraction >= 1) return range.max;
  if (range.scale === "linear") return range.min + (range.max - range.min) * fraction;
  return range.min * (range.max / range.min) ** fraction;
}

/** Most values that one parameter of a grid may take. */
export const maxValuesPerParameter = 1000;

/**
 * The values of one parameter in a grid, in order. A range is cut into `steps` values, both ends included; a range of
 * whole numbers without `steps` gives all of them. Null when the range cannot be listed (`steps` is missing).
 */
export function gridValues(values: SearchValues): ParameterValue[] | null {
  if (Array.isArray(values)) return values;
  const { first, last } = wholeNumbers(values);
  if (values.steps === undefined) {
    const count = last - first + 1;
    if (!values.integer || count > maxValuesPerParameter) return null;
    return Array.from({ length: Math.max(0, count) }, (_, i) => first + i);
  }
  const steps = values.steps;
  const points = Array.from({ length: steps }, (_, i) => pointOf(values, i / (steps - 1)));
  if (!values.integer) return points.map(tidy);
  return [...new Set(points.map((point) => Math.min(last, Math.max(first, Math.round(point)))))];
}

/** One draw of one parameter: equally likely choices, or uniform on the (logarithmic) range. */
function drawValue(values: SearchValues, uniform: number): ParameterValue {
  if (Array.isArray(values)) return values[Math.floor(uniform * values.length)] ?? null;
  if (!values.integer) return tidy(pointOf(values, uniform));
  const { first, last } = wholeNumbers(values);
  // Half a unit more at both ends, so that the first and last whole number are as likely as their neighbours.
  const widened = { ...values, min: Math.max(first - 0.5, first / 2), max: last + 0.5 };
  const linear = { ...widened, min: first - 0.5 };
  const point = pointOf(values.scale === "log" ? widened : linear, uniform);
  return Math.min(last, Math.max(first, Math.round(point)));
}

/** Number of different values that a random search can draw for a parameter; null for a continuous range. */
export function distinctValueCount(values: SearchValues): number | null {
  if (Array.isArray(values)) return values.length;
  if (!values.integer) return null;
  const { first, last } = wholeNumbers(values);
  return Math.max(0, last - first + 1);
}

/**
 * Sample `index` of a random search, where each draw has an address of its own, or of a Sobol search, where parameters
 * are dimensions in the order of their names: the order of keys in the document matters to neither. The first point of
 * the sequence, the corner where everything is smallest, is left out.
 */
export function drawSample(
  search: Extract<SweepSpec["search"], { method: "random" | "sobol" }>,
  index: number,
): Record<string, ParameterValue> {
  if (search.method === "sobol") {
    const names = Object.keys(search.parameters).toSorted();
    const point = sobolPoint(search.skip + index + 1, names.length);
    return Object.fromEntries(
      names.map((name, dimension) => [name, drawValue(search.parameters[name] ?? [], point[dimension] ?? 0)]),
    );
  }
  return Object.fromEntries(
    Object.entries(search.parameters).map(([name, values]) => [
      name,
      drawValue(values, uniformAt("random-search", search.seed, index, name)),
    ]),
  );
}
