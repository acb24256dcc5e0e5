import { invalidInput } from "../errors.js";
import { type Interval, pairedDifferences } from "../means/t-tests.js";
import { normalQuantile } from "../numerics/distributions.js";
import { createRandom } from "../numerics/random.js";
import { quantileOfSorted, variance } from "../summary.js";

export type Outperformance = {
  n: number;
  /** Share of comparisons that A wins; ties count half. */
  probability: number;
  /** Percentile bootstrap; NaN where there are too few observations for a verdict. */
  interval: Interval;
  gamma: number;
  /** Observations that tell gamma from one half with 5 % error on both sides. */
  needed: number;
  verdict: "better" | "better-but-not-meaningfully" | "not-shown" | "too-few";
};

/** Pairs that a test of P(A > B) needs to tell `gamma` from one half. Source: Noether (1987), JASA 82. */
export function pairsForOutperformance(gamma = 0.75, error = 0.05): number {
  const z = normalQuantile(1 - error);
  return Math.ceil(((2 * z) / (Math.sqrt(6) * (gamma - 0.5))) ** 2);
}

/** Above so many the bootstrap has reached its normal limit, whose variance DeLong's placements give at once. */
const manyObservations = 200;

const share = (a: number, b: number) => (a > b ? 1 : a === b ? 0.5 : 0);

/**
 * P(A > B): how often a run of A is better than one of B, over whatever varied between the observations (higher is better).
 * Paired values are compared pair by pair, others all with all.
 *
 * Three verdicts: better where the interval lies above one half and reaches above gamma; better but not meaningfully where it lies
 * above one half and below gamma; else not shown. Below the needed number none is given, for a bootstrap of few wins says nothing.
 * Source: Bouthillier et al. (2021), "Accounting for variance in machine learning benchmarks", MLSys 3, with gamma = 0.75.
 */
export function outperformance(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: { paired: boolean; gamma?: number; confidence?: number; seed?: number; resamples?: number },
): Outperformance {
  const { paired, gamma = 0.75, confidence = 0.95, seed = 0, resamples = 2000 } = options;
  if (!(gamma > 0.5 && gamma < 1))
    throw invalidInput("gamma", gamma, "must lie between 0.5 and 1", "Use 0.75.");
  const [x, y] = [Array.from(a), Array.from(b)];
  const wins = paired
    ? pairedDifferences(x, y).map((difference) => share(difference, 0))
    : x.map((own) => y.reduce((total, other) => total + share(own, other), 0) / y.length);
  const n = paired ? x.length : Math.min(x.length, y.length);
  const probability = wins.reduce((total, win) => total + win, 0) / wins.length;
  const needed = pairsForOutperformance(gamma);
  const known = [...x, ...y].every(Number.isFinite) && n > 0;
  if (!known || n < needed) {
    const of = known ? probability : Number.NaN;
    return { n, probability: of, interval: [Number.NaN, Number.NaN], gamma, needed, verdict: "too-few" };
  }
  if (n > manyObservations) {
    const losses = paired
      ? []
      : y.map((own) => x.reduce((sum, other) => sum + share(other, own), 0) / x.length);
    const se = Math.sqrt(variance(wins) / wins.length + (paired ? 0 : variance(losses) / losses.length));
    const half = normalQuantile((1 + confidence) / 2) * se;
    return {
      n,
      probability,
      interval: bounded(probability, half),
      gamma,
      needed,
      verdict: judge(bounded(probability, half), gamma),
    };
  }
  const random = createRandom(seed, 0);
  const drawn = Float64Array.from({ length: resamples }, () => {
    if (paired) return wins.reduce((sum) => sum + Number(wins[random.integer(wins.length)]), 0) / wins.length;
    const others = y.map(() => Number(y[random.integer(y.length)]));
    const all = x.map(() => {
      const own = Number(x[random.integer(x.length)]);
      return others.reduce((sum, other) => sum + share(own, other), 0) / others.length;
    });
    return all.reduce((sum, of) => sum + of, 0) / all.length;
  }).sort();
  const tail = (1 - confidence) / 2;
  const interval: Interval = [quantileOfSorted(drawn, tail), quantileOfSorted(drawn, 1 - tail)];
  return { n, probability, interval, gamma, needed, verdict: judge(interval, gamma) };
}

const bounded = (centre: number, half: number): Interval => [
  Math.max(0, centre - half),
  Math.min(1, centre + half),
];

function judge([low, high]: Interval, gamma: number): Outperformance["verdict"] {
  if (low <= 0.5) return "not-shown";
  return high > gamma ? "better" : "better-but-not-meaningfully";
}
