import { invalidInput } from "../errors.js";
import { type Interval, pairedDifferences, requireConfidence } from "../means/t-tests.js";
import { betaQuantile, normalQuantile } from "../numerics/distributions.js";
import { aucDesign, aucInfluence, aucInterval } from "../patients/clustered-auc.js";

export type Outperformance = {
  n: number;
  /** Share of comparisons that A wins; ties count half. */
  probability: number;
  /** NaN where there are too few observations for a verdict. */
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

/** The logit interval of an area needs as many lost (or won) comparisons' worth of observations. */
const fewestLost = 5;

/**
 * P(A > B): how often a run of A is better than one of B, over whatever varied between the observations (higher is better). Paired
 * values are compared pair by pair, others all with all; ties count half.
 *
 * The interval is Clopper and Pearson's for pairs. Otherwise it is that of the area under a ROC curve, on the logit scale; near 0 and 1,
 * where its variance is hardly known, Clopper and Pearson's of as many pairs as the smaller sample has values, which is wide: the
 * variance of the share is never larger than theirs. A bootstrap, as the source takes it, collapses there.
 *
 * Three verdicts: better where the interval lies above one half and reaches above gamma; better but not meaningfully where it lies
 * above one half and below gamma; else not shown. Below the needed number none is given.
 * Source: Bouthillier et al. (2021), "Accounting for variance in machine learning benchmarks", MLSys 3, with gamma = 0.75; Birnbaum &
 * Klose (1957), Annals of Mathematical Statistics 28, for the bound of the variance; Pepe (2003), section 5.2.
 */
export function outperformance(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: { paired: boolean; gamma?: number; confidence?: number },
): Outperformance {
  const { paired, gamma = 0.75, confidence = 0.95 } = options;
  if (!(gamma > 0.5 && gamma < 1))
    throw invalidInput("gamma", gamma, "must lie between 0.5 and 1", "Use 0.75.");
  requireConfidence(confidence);
  const n = paired ? a.length : Math.min(a.length, b.length);
  const needed = pairsForOutperformance(gamma);
  const untold = {
    ...{ n, probability: Number.NaN, gamma, needed },
    ...{ interval: [Number.NaN, Number.NaN] as Interval, verdict: "too-few" as const },
  };
  const differences = paired ? pairedDifferences(a, b) : null;
  if (n === 0 || !allFinite(a) || !allFinite(b)) return untold;
  const found = differences ? ofPairs(differences, confidence) : ofSamples(a, b, confidence);
  if (n < needed) return { ...untold, probability: found.probability };
  return { ...untold, ...found, verdict: judge(found.interval, gamma) };
}

type Found = Pick<Outperformance, "probability" | "interval">;

function ofPairs(differences: ArrayLike<number>, confidence: number): Found {
  let wins = 0;
  for (let i = 0; i < differences.length; i++) {
    const difference = Number(differences[i]);
    wins += difference > 0 ? 1 : difference === 0 ? 0.5 : 0;
  }
  const n = differences.length;
  return { probability: wins / n, interval: clopperPearson(wins, n, confidence) };
}

function ofSamples(a: ArrayLike<number>, b: ArrayLike<number>, confidence: number): Found {
  const [m, n] = [a.length, b.length];
  const values = new Float64Array(m + n);
  values.set(a, 0);
  values.set(b, m);
  const labels = new Uint8Array(m + n).fill(1, 0, m);
  const design = aucDesign(labels, null);
  const influence = aucInfluence(design, [values]);
  const probability = influence.auc;
  const fewer = Math.min(m, n);
  const { interval, reason } = aucInterval(design, influence, confidence);
  const isKnown = reason === undefined && Math.min(probability, 1 - probability) * fewer >= fewestLost;
  return {
    probability,
    interval: isKnown ? interval : clopperPearson(probability * fewer, fewer, confidence),
  };
}

/** Of a count that may be half a whole number. */
function clopperPearson(count: number, n: number, confidence: number): Interval {
  const tail = (1 - confidence) / 2;
  return [
    count > 0 ? betaQuantile(tail, count, n - count + 1) : 0,
    count < n ? betaQuantile(1 - tail, count + 1, n - count) : 1,
  ];
}

function allFinite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

function judge([low, high]: Interval, gamma: number): Outperformance["verdict"] {
  if (low <= 0.5) return "not-shown";
  return high > gamma ? "better" : "better-but-not-meaningfully";
}
