import { guardedConfidence } from "../error-rates/guarded.js";
import { meanInterval } from "../means/t-tests.js";
import { createRandom, type Random } from "../numerics/random.js";
import { mean, standardDeviation } from "../summary.js";
import { withinRange } from "../weights/within-range.js";

type Interval = [number, number];

/** Methods for the mean of values in [0, 1], beside each other. */
const methods: readonly { name: string; of: (x: readonly number[], cases: number) => Interval }[] = [
  { name: "t", of: (x) => meanInterval(x) },
  { name: "t, cut at 0 and 1", of: (x) => withinRange(meanInterval(x), { low: 0, high: 1 }) },
  {
    name: "printed",
    of: (x) => withinRange(meanInterval(x, guardedConfidence.mean), { low: 0, high: 1 }),
  },
  // A rate of 0 or 1 has no logit: half a case is put on either side.
  {
    name: "t on logits",
    of: (x, cases) => {
      const logits = x.map((p) => Math.log((p * cases + 0.5) / ((1 - p) * cases + 0.5)));
      const back = (y: number) => 1 / (1 + Math.exp(-y));
      const [low, high] = meanInterval(logits);
      return [back(low), back(high)];
    },
  },
  {
    name: "t on arcsine roots",
    of: (x) => {
      const [low, high] = meanInterval(x.map((p) => Math.asin(Math.sqrt(p))));
      return [Math.sin(Math.max(0, low)) ** 2, Math.sin(Math.min(Math.PI / 2, high)) ** 2];
    },
  },
  // Maurer and Pontil (2009), Theorem 4, on both sides at once: exact for any distribution on [0, 1].
  {
    name: "empirical Bernstein",
    of: (x) => {
      const n = x.length;
      const log = Math.log(4 / 0.05);
      const half = standardDeviation(x) * Math.sqrt((2 * log) / n) + (7 * log) / (3 * (n - 1));
      return withinRange([mean(x) - half, mean(x) + half], { low: 0, high: 1 });
    },
  },
];

type Setting = { name: string; cases: number; truth: number; error: (random: Random) => number };

/** A sum of `shape` exponentials with this mean in all: right-skewed, as error rates of repeats near 0 are. */
const gamma = (random: Random, shape: number, of: number) =>
  Array.from({ length: shape }, () => -Math.log(1 - random.uniform())).reduce((sum, e) => sum + e, 0) *
  (of / shape);

/** Accuracies of runs on a test set: the error rate scatters between runs, and cases are counted. */
const settings: readonly Setting[] = [
  {
    name: "mean 98.5 %, 228 cases",
    cases: 228,
    truth: 0.985,
    error: (random) => gamma(random, 4, 0.015),
  },
  {
    name: "mean 99.5 %, 2,000 cases",
    cases: 2000,
    truth: 0.995,
    error: (random) => gamma(random, 2, 0.005),
  },
  {
    name: "mean 95 %, one run in ten collapses to 75 %",
    cases: 1000,
    truth: 0.95,
    error: (random) => (random.uniform() < 0.1 ? 0.25 : gamma(random, 16, 0.025 / 0.9)),
  },
  {
    name: "mean 80 %, 1,000 cases",
    cases: 1000,
    truth: 0.8,
    error: (random) => gamma(random, 16, 0.2),
  },
];

function countedRate(random: Random, { cases, error }: Setting): number {
  const rate = Math.min(1, error(random));
  let wrong = 0;
  for (let i = 0; i < cases; i += 1) if (random.uniform() < rate) wrong += 1;
  return 1 - wrong / cases;
}

export type CoverageRow = {
  setting: string;
  method: string;
  n: number;
  /** Studies whose runs are not all equal: of the others no interval is given. */
  given: number;
  /** How often the interval holds the true mean, and its mean width. */
  coverage: number;
  width: number;
  /** How often it holds values that cannot be. */
  beyond: number;
};

/** How 95 % intervals for the mean of a share behave at the sizes that studies have. */
export function boundedCoverage(simulations = 2000, sizes: readonly number[] = [2, 3, 5, 10]): CoverageRow[] {
  return settings.flatMap((setting, index) =>
    sizes.flatMap((n) => {
      const random = createRandom(20_260_201 + index, n);
      const rows = methods.map(({ name }) => ({ method: name, covered: 0, width: 0, beyond: 0 }));
      let given = 0;
      for (let i = 0; i < simulations; i += 1) {
        const x = Array.from({ length: n }, () => countedRate(random, setting));
        if (new Set(x).size === 1) continue;
        given += 1;
        methods.forEach(({ of }, place) => {
          const row = rows[place];
          if (!row) return;
          const [low, high] = of(x, setting.cases);
          row.covered += low <= setting.truth && setting.truth <= high ? 1 : 0;
          row.width += high - low;
          row.beyond += low < 0 || high > 1 ? 1 : 0;
        });
      }
      return rows.map(({ method, covered, width, beyond }) => ({
        ...{ setting: setting.name, method, n, given },
        ...{ coverage: covered / given, width: width / given, beyond: beyond / given },
      }));
    }),
  );
}

/** The rows as a Markdown table. */
export function coverageTable(rows: readonly CoverageRow[]): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  return [
    "| runs | method | n | covered | mean width | beyond 0 or 100 % |",
    "|---|---|---:|---:|---:|---:|",
    ...rows.map(
      ({ setting, method, n, coverage, width, beyond }) =>
        `| ${setting} | ${method} | ${n} | ${percent(coverage)} | ${(100 * width).toFixed(2)} pp | ${percent(beyond)} |`,
    ),
  ].join("\n");
}
