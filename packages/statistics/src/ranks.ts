/** Ranks 1..n, ties sharing the mean of their ranks (mid-ranks), in the order of the input. NaN ranks last. */
export function midRanks(x: ArrayLike<number>): number[] {
  const order = Uint32Array.from(x, (_, i) => i).sort((a, b) => compare(Number(x[a]), Number(x[b])));
  const ranks = new Array<number>(x.length).fill(0);
  for (const [start, end] of runsOfEqual(x, order)) {
    const shared = (start + 1 + end) / 2;
    for (let at = start; at < end; at++) ranks[Number(order[at])] = shared;
  }
  return ranks;
}

/** Sizes of the groups of equal values, groups of one included, in ascending order of value. */
export function tieSizes(x: ArrayLike<number>): number[] {
  const order = Uint32Array.from(x, (_, i) => i).sort((a, b) => compare(Number(x[a]), Number(x[b])));
  return runsOfEqual(x, order).map(([start, end]) => end - start);
}

export function hasTies(x: ArrayLike<number>): boolean {
  return new Set(Array.from(x)).size < x.length;
}

/** The sum over groups of ties of t^3 - t, the usual correction of a rank variance. */
export function tieTerm(x: ArrayLike<number>): number {
  return tieSizes(x).reduce((total, t) => total + (t * t * t - t), 0);
}

function runsOfEqual(x: ArrayLike<number>, order: Uint32Array): [number, number][] {
  const runs: [number, number][] = [];
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && x[Number(order[end])] === x[Number(order[start])]) end += 1;
    runs.push([start, end]);
    start = end;
  }
  return runs;
}

/** Subtraction would turn Infinity - Infinity into NaN and break the sort. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a < b ? -1 : a > b ? 1 : 0;
}
