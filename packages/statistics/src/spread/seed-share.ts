import { guardedConfidence } from "../error-rates/guarded.js";
import { because, type Interval } from "../means/t-tests.js";
import { tQuantile } from "../numerics/distributions.js";
import { mean, standardDeviation } from "../summary.js";

export type SeedShare = {
  /** Raw intraclass correlation by moments; below 0 where seeds differ less than chance would have it. */
  icc: number;
  /** Share of the variance of a single run, within 0 and 1; NaN below four seeds. */
  interval: Interval;
  reason?: string;
};

type Values = readonly (readonly (readonly number[])[])[];

/** log of the variance ratio of seeds within configurations and repeats within seeds, and the effective repeats per seed. */
function ratioOf(values: Values): { logRatio: number; repeats: number; df: number } {
  let [between, within, dfBetween, dfWithin, size] = [0, 0, 0, 0, 0];
  for (const seeds of values) {
    const total = seeds.flat();
    if (seeds.length < 2) continue;
    const grand = mean(total);
    for (const sample of seeds) {
      const own = mean(sample);
      between += sample.length * (own - grand) ** 2;
      within += sample.reduce((sum, value) => sum + (value - own) ** 2, 0);
      dfWithin += sample.length - 1;
    }
    dfBetween += seeds.length - 1;
    size += total.length - seeds.reduce((sum, sample) => sum + sample.length ** 2, 0) / total.length;
  }
  return {
    logRatio: Math.log(between / dfBetween / (within / dfWithin)),
    repeats: size / dfBetween,
    df: dfBetween,
  };
}

/**
 * Share of seeds in the variance of a single run, from `values[configuration][seed][repeat]`, with an interval that holds its level
 * where effects and repeats are not normal: the jackknife over seeds of the log variance ratio (Arvesen 1969), at the guarded
 * level, since the exact F interval covers as little as 60 % for log-normal values. With few seeds it is wide: a share is hardly
 * known then. None below four seeds.
 */
export function seedShare(values: Values): SeedShare {
  const { logRatio, repeats, df } = ratioOf(values);
  const shareOf = (ratio: number) => (ratio - 1) / (ratio - 1 + repeats);
  const icc = shareOf(Math.exp(logRatio));
  const none: Interval = [Number.NaN, Number.NaN];
  if (df < 3)
    return { icc, interval: none, ...because("With fewer than four seeds a share cannot be bounded.") };
  const cells = values.flatMap((seeds, c) => seeds.map((_, s) => ({ c, s })));
  const pseudo = cells.map(({ c, s }) => {
    const without = values.map((seeds, i) => (i === c ? seeds.filter((_, k) => k !== s) : seeds));
    return cells.length * logRatio - (cells.length - 1) * ratioOf(without).logRatio;
  });
  if (!pseudo.every(Number.isFinite))
    return {
      icc,
      interval: none,
      ...because("Repeats do not vary, or seeds do not: a share has no interval."),
    };
  const half =
    (tQuantile(0.5 + guardedConfidence.share / 2, df) * standardDeviation(pseudo)) / Math.sqrt(cells.length);
  const bound = (log: number) => Math.min(1, Math.max(0, shareOf(Math.exp(log))));
  return { icc, interval: [bound(mean(pseudo) - half), bound(mean(pseudo) + half)] };
}
