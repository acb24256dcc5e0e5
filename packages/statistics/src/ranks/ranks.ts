/** Ranks 1..n, ties sharing the mean of their ranks (mid-ranks), in the order of the input. NaN ranks last. */
export function midRanks(x: ArrayLike<number>): number[] {
  // Sorting plain values and looking each one up is many times faster than sorting indices by a comparison function.
  const ascending = Float64Array.from(x).sort();
  const starts: number[] = [];
  const distinct: number[] = [];
  for (let i = 0; i < ascending.length; i++) {
    const value = Number(ascending[i]);
    if (i > 0 && value === ascending[i - 1]) continue;
    starts.push(i);
    distinct.push(value);
  }
  starts.push(ascending.length);
  return Array.from(x, (value) => {
    const at = positionOf(value, distinct);
    return (Number(starts[at]) + 1 + Number(starts[at + 1])) / 2;
  });
}

/** Index of a value in an ascending list that holds it; NaN is found at the first NaN. */
function positionOf(value: number, ascending: readonly number[]): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = Number(ascending[middle]);
    if (at < value || (Number.isNaN(value) && !Number.isNaN(at))) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sizes of the groups of equal values, groups of one included, in ascending order of value. */
export function tieSizes(x: ArrayLike<number>): number[] {
  const ascending = Float64Array.from(x).sort();
  const sizes: number[] = [];
  let start = 0;
  for (let i = 1; i <= ascending.length; i++) {
    if (i < ascending.length && ascending[i] === ascending[start]) continue;
    sizes.push(i - start);
    start = i;
  }
  return sizes;
}

export function hasTies(x: ArrayLike<number>): boolean {
  return tieSizes(x).length < x.length;
}

/** The sum over groups of ties of t^3 - t, the usual correction of a rank variance. */
export function tieTerm(x: ArrayLike<number>): number {
  return tieTermOf(tieSizes(x));
}

/** The same from the sizes of the groups. */
export function tieTermOf(sizes: readonly number[]): number {
  return sizes.reduce((total, t) => total + (t * t * t - t), 0);
}
