/**
 * Indices of at most `maxPoints` (at least 3) points of a series that keep its look: the series is cut into stretches
 * of equal length, and of each its smallest, its largest and its last value are kept (the earliest among equals; NaN is
 * neither), and its first NaN or infinity where there is one, so that it stays a gap. With a budget of 3 that one has no room.
 * The same series and budget always give the same points.
 */
export function downsampleIndices(values: readonly number[], maxPoints: number): number[] {
  if (values.length <= maxPoints) return values.map((_, index) => index);
  const withGaps = maxPoints > 3 && !values.every(Number.isFinite);
  const buckets = Math.floor(maxPoints / (withGaps ? 4 : 3));
  const kept: number[] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = Math.floor((bucket * values.length) / buckets);
    const end = Math.floor(((bucket + 1) * values.length) / buckets);
    let min = -1;
    let max = -1;
    let gap = -1;
    for (let index = start; index < end; index++) {
      const value = values[index] ?? Number.NaN;
      if (withGaps && gap < 0 && !Number.isFinite(value)) gap = index;
      if (Number.isNaN(value)) continue;
      if (min < 0 || value < (values[min] ?? 0)) min = index;
      if (max < 0 || value > (values[max] ?? 0)) max = index;
    }
    const chosen = new Set([min, max, gap, end - 1].filter((index) => index >= 0));
    kept.push(...[...chosen].sort((a, b) => a - b));
  }
  return kept;
}
