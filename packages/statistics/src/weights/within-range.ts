/** Between which values a quantity lies; null where nothing limits it. */
export type Bounds = { low: number | null; high: number | null };

/**
 * The part of an interval of a mean (or of one more value) that lies where it can be: its intersection with the range.
 *
 * It covers exactly as often as the whole interval, because what is cut off holds no possible value, and it agrees with the
 * tests beside it. Simulated against intervals on logits and arcsine roots (`validation/bounded-intervals.ts`,
 * docs/validation.md): those cover somewhat better at three runs and worse at ten. NaN stays NaN.
 */
export function withinRange(
  [low, high]: [number, number],
  range: Bounds | null | undefined,
): [number, number] {
  const cut = (value: number) =>
    Math.min(
      Math.max(value, range?.low ?? Number.NEGATIVE_INFINITY),
      range?.high ?? Number.POSITIVE_INFINITY,
    );
  return [cut(low), cut(high)];
}

/** The range of a difference of two values of one range: no difference of shares is beyond ±1. */
export function differenceRange(range: Bounds | null | undefined): Bounds {
  const { low = null, high = null } = range ?? {};
  const width = low === null || high === null ? null : high - low;
  return { low: width === null ? null : -width, high: width };
}
