/**
 * Decimals of each row of a column, from those that its own uncertainty asks for (null: unknown). Rows about equally certain are written
 * alike, so that they can be compared down the page: as the most certain asks, but at most one more than the least certain. A row still
 * more certain keeps its own, because one unstable row must not wipe out the digits of all others.
 */
export function decimalsByRow(own: readonly (number | null)[]): (number | null)[] {
  const known = own.filter((decimals) => decimals !== null);
  if (known.length === 0) return own.map(() => null);
  const common = Math.min(Math.max(...known), Math.min(...known) + 1);
  return own.map((decimals) => Math.max(common, decimals ?? common));
}
