import { invalidInput } from "../errors.js";
import { because, type Interval } from "../means/t-tests.js";
import { tQuantile, tTwoSided } from "../numerics/distributions.js";
import { mean } from "../summary.js";

/** Whether the same readers read with both tests (paired), or each test has readers of its own. */
export type ReaderDesign = "factorial" | "nested";

export type ReaderComparison = {
  means: [number, number];
  difference: number;
  standardError: number;
  /** Hillis' degrees of freedom. */
  df: number;
  interval: Interval;
  t: number;
  pvalue: number;
  /** Mean covariances of two readings of the same cases: by one reader with both tests (paired designs), by two with one test, by two with both. */
  covariances: { cov1: number | null; cov2: number; cov3: number };
  reason?: string;
};

/**
 * Obuchowski and Rockette's comparison of two tests that several readers apply to the same cases, for other readers and other cases.
 * `estimates[test][reader]` are areas, sensitivities or other figures, and `covariance(t, r, u, s)` is the covariance, over cases,
 * of those of reader r with test t and reader s with test u. In a factorial design reader r of both tests is the same.
 * Here a run is a reader: how well a configuration does for other trainings and other patients.
 *
 * Denominator: MS(test × reader) + max(R (cov2 − cov3), 0), or for nested readers MS(reader within test) in place of the first;
 * degrees of freedom by Hillis (2007). Source: Obuchowski & Rockette (1995), Communications in Statistics 24:285–308; Hillis (2007),
 * Statistics in Medicine 26:596–619; nested readers: Hillis (2014), Statistics in Medicine 33:330–360. Checked against MRMCaov.
 */
export function compareReaders(
  estimates: readonly [readonly number[], readonly number[]],
  covariance: (test: number, reader: number, other: number, otherReader: number) => number,
  design: ReaderDesign,
  { confidence = 0.95 }: { confidence?: number } = {},
): ReaderComparison {
  const [first, second] = estimates;
  const readers = first.length;
  if (second.length !== readers)
    throw invalidInput(
      "estimates[1]",
      second.length,
      `must have ${readers} readers`,
      "Give both tests as many readers.",
    );
  const means: [number, number] = [mean(first), mean(second)];
  const difference = means[0] - means[1];
  const cov = averages(readers, covariance);
  const nan = Number.NaN;
  if (readers < 2) {
    const nothing = { standardError: nan, df: nan, interval: [nan, nan] as Interval, t: nan, pvalue: nan };
    return {
      means,
      difference,
      ...nothing,
      covariances: cov,
      reason: "n too small: two readers are needed.",
    };
  }
  const deviations = (values: readonly number[], centre: number) => values.map((value) => value - centre);
  const [a, b] = [deviations(first, means[0]), deviations(second, means[1])];
  const factorial = design === "factorial";
  // With two tests: MS(TR) = Σ (d_r − d̄)² / (2 (R − 1)), and MS(R(T)) pools the variances of both.
  const square = factorial
    ? a.reduce((sum, value, r) => sum + (value - (b[r] ?? 0)) ** 2, 0) / (2 * (readers - 1))
    : [...a, ...b].reduce((sum, value) => sum + value ** 2, 0) / (2 * (readers - 1));
  const denominator = square + Math.max(0, readers * (cov.cov2 - cov.cov3));
  const df = denominator ** 2 / (square ** 2 / ((factorial ? 1 : 2) * (readers - 1)));
  const standardError = Math.sqrt((2 / readers) * denominator);
  const t = standardError === 0 && difference === 0 ? 0 : difference / standardError;
  const half = tQuantile((1 + confidence) / 2, df) * standardError;
  return {
    ...{ means, difference, standardError, df, t },
    interval: [difference - half, difference + half],
    pvalue: tTwoSided(t, df),
    covariances: factorial ? cov : { ...cov, cov1: null },
    ...because(denominator > 0 ? undefined : "Readings vary neither between readers nor between cases."),
  };
}

/**
 * The same with at most 2 (R − 1) degrees of freedom. Hillis' have no upper limit, and with the same two or three readers on both sides
 * their intervals cover as little as 89 %; with this limit 95 % and more (docs/validation.md). Readers of their own on each side have
 * 2 (R − 1) in their mean square, and Hillis' degrees of freedom hold.
 */
export function guardedReaders(
  found: ReaderComparison,
  readers: number,
  design: ReaderDesign,
  confidence = 0.95,
): ReaderComparison {
  const { difference, standardError, t } = found;
  const df = design === "factorial" ? Math.min(found.df, 2 * (readers - 1)) : found.df;
  const half = tQuantile((1 + confidence) / 2, df) * standardError;
  return { ...found, df, interval: [difference - half, difference + half], pvalue: tTwoSided(t, df) };
}

function averages(readers: number, covariance: Parameters<typeof compareReaders>[1]) {
  const sums = [0, 0, 0];
  const counts = [0, 0, 0];
  const add = (kind: number, value: number) => {
    sums[kind] = (sums[kind] ?? 0) + value;
    counts[kind] = (counts[kind] ?? 0) + 1;
  };
  for (let r = 0; r < readers; r++) {
    add(0, covariance(0, r, 1, r));
    for (let s = 0; s < readers; s++) {
      if (s === r) continue;
      if (s > r) for (const test of [0, 1]) add(1, covariance(test, r, test, s));
      add(2, covariance(0, r, 1, s));
    }
  }
  const average = (kind: number) => (sums[kind] ?? 0) / (counts[kind] ?? 0);
  return { cov1: average(0), cov2: average(1), cov3: average(2) };
}
