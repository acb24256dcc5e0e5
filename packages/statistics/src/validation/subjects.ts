import { delong } from "../classification/auc.js";
import { mcnemar } from "../classification/proportions.js";
import { tostOneSample, tostPaired, tostWelch } from "../means/equivalence.js";
import {
  falsePositiveRateOfOneSampleT,
  minimumDetectableShift,
  newObservationTFromSample,
} from "../means/new-observation.js";
import { powerOneSampleT, powerTwoSampleT } from "../means/power.js";
import { oneSampleT, pairedT, studentT, welchT } from "../means/t-tests.js";
import type { Random } from "../numerics/random.js";
import { kendallW } from "../ranks/rank-correlation.js";
import { mannWhitneyU, wilcoxonSignedRank } from "../ranks/rank-tests.js";
import { minimumDetectablePooledShift, pooledDispersion, pooledMeanShift } from "../spread/seed-blocks.js";
import { varianceComponentsNested } from "../spread/variance-components.js";
import { brownForsythe } from "../spread/variance-tests.js";
import { mean } from "../summary.js";

const SEEDS_PER_STUDY = 5;

/** One simulated study with `n` repeats: the p-value when the truth differs from the null hypothesis by `effect`. */
type Simulation = (random: Random, n: number, effect: number) => number;

export type Subject = {
  name: string;
  /** What the null hypothesis or the misuse is, in words. */
  setting: string;
  /** The share of rejections a sound test may show when the null hypothesis holds. */
  limits: (n: number) => readonly [number, number];
  simulate: Simulation;
  /** The effect at which power is simulated, and the power that theory promises there. */
  power?: (n: number) => { effect: number; expected?: number };
};

const exact = () => [0.04, 0.06] as const;
const atMost = () => [0, 0.055] as const;

function normals(random: Random, n: number, centre = 0, sd = 1): number[] {
  return Array.from({ length: n }, () => centre + sd * random.normal());
}

function seedBlocks(random: Random, n: number, shift: (seed: number) => number) {
  return Array.from({ length: SEEDS_PER_STUDY }, (_, seed) => {
    const centre = 3 * random.normal();
    return { reference: normals(random, n, centre), treated: normals(random, 1, centre + shift(seed)) };
  });
}

/** Repeats of five seeds, correlated within a seed with ICC 0.65. */
function clustered(random: Random, n: number): number[][] {
  return Array.from({ length: SEEDS_PER_STUDY }, () =>
    normals(random, n, Math.sqrt(0.65) * random.normal(), Math.sqrt(0.35)),
  );
}

/** What `npx pnpm validate` simulates: every default test, and two misuses beside them. */
export const subjects: readonly Subject[] = [
  {
    name: "One-sample t",
    setting: "mu is a known constant",
    limits: exact,
    simulate: (random, n, effect) => oneSampleT(normals(random, n, effect), 0).pvalue,
    power: (n) => ({ effect: 1, expected: powerOneSampleT(1, n) }),
  },
  {
    name: "New-observation t",
    setting: "the observation is one more draw",
    limits: exact,
    simulate: (random, n, effect) =>
      newObservationTFromSample(normals(random, n), effect + random.normal()).pvalue,
    power: (n) => ({ effect: minimumDetectableShift(n), expected: 0.8 }),
  },
  {
    name: "Welch t",
    setting: "equal means, equal SDs, n per arm",
    limits: exact,
    simulate: (random, n, effect) => welchT(normals(random, n, effect), normals(random, n)).pvalue,
    power: (n) => ({ effect: 1.5, expected: n >= 10 ? powerTwoSampleT(1.5, n) : undefined }),
  },
  {
    name: "Welch t",
    setting: "equal means, SDs 1 and 3, n and 2n",
    limits: exact,
    simulate: (random, n, effect) => welchT(normals(random, n, effect, 3), normals(random, 2 * n)).pvalue,
  },
  {
    name: "Welch t on seed means",
    setting: "5 seeds per arm, ICC 0.65",
    limits: exact,
    simulate: (random, n, effect) =>
      welchT(
        clustered(random, n).map(mean),
        clustered(random, n).map((seed) => mean(seed) + effect),
      ).pvalue,
  },
  {
    name: "Student t",
    setting: "equal means, equal SDs, n per arm",
    limits: exact,
    simulate: (random, n, effect) => studentT(normals(random, n, effect), normals(random, n)).pvalue,
    power: (n) => ({ effect: 1.5, expected: powerTwoSampleT(1.5, n) }),
  },
  {
    name: "Paired t",
    setting: "n pairs, correlation 0.5",
    limits: exact,
    simulate: (random, n, effect) => {
      const x = normals(random, n);
      return pairedT(
        x.map((v) => 0.5 * v + Math.sqrt(0.75) * random.normal() + effect),
        x,
      ).pvalue;
    },
    power: (n) => ({ effect: 1, expected: powerOneSampleT(1, n) }),
  },
  {
    name: "Pooled mean shift",
    setting: `${SEEDS_PER_STUDY} seeds of n repeats and one deterministic run`,
    limits: exact,
    simulate: (random, n, effect) => pooledMeanShift(seedBlocks(random, n, () => effect)).pvalue,
    power: (n) => ({ effect: minimumDetectablePooledShift(SEEDS_PER_STUDY, n), expected: 0.8 }),
  },
  {
    name: "Pooled dispersion F",
    setting: `${SEEDS_PER_STUDY} seeds of n repeats and one deterministic run`,
    limits: exact,
    // Shifts of alternating sign, which the mean shift cannot see.
    simulate: (random, n, effect) =>
      pooledDispersion(seedBlocks(random, n, (seed) => (seed % 2 === 0 ? effect : -effect))).pvalue,
    power: () => ({ effect: 2 }),
  },
  {
    name: "TOST, Welch",
    setting: "true difference on the margin of 1.5 SD",
    limits: atMost,
    simulate: (random, n, effect) =>
      tostWelch(normals(random, n, 1.5 - effect), normals(random, n), { low: -1.5, upp: 1.5 }).pvalue,
    power: () => ({ effect: 1.5 }),
  },
  {
    name: "TOST, paired",
    setting: "true difference on the margin of 1.5 SD",
    limits: atMost,
    simulate: (random, n, effect) => {
      const x = normals(random, n);
      const y = x.map((v) => 0.5 * v + Math.sqrt(0.75) * random.normal());
      return tostPaired(
        x.map((v) => v + 1.5 - effect),
        y,
        { low: -1.5, upp: 1.5 },
      ).pvalue;
    },
    power: () => ({ effect: 1.5 }),
  },
  {
    name: "TOST, one sample",
    setting: "true difference on the margin of 1.5 SD",
    limits: atMost,
    simulate: (random, n, effect) =>
      tostOneSample(normals(random, n, 1.5 - effect), 0, { low: -1.5, upp: 1.5 }).pvalue,
    power: () => ({ effect: 1.5 }),
  },
  {
    name: "Brown-Forsythe",
    setting: "equal SDs; power at 4 times the SD",
    limits: atMost,
    simulate: (random, n, effect) =>
      brownForsythe([normals(random, n), normals(random, n, 0, 1 + effect)]).pvalue,
    power: () => ({ effect: 3 }),
  },
  {
    name: "Wilcoxon signed-rank",
    setting: "differences symmetric around 0",
    limits: atMost,
    simulate: (random, n, effect) => wilcoxonSignedRank(normals(random, n, effect)).pvalue,
    power: () => ({ effect: 1 }),
  },
  {
    name: "Mann-Whitney U",
    setting: "equal distributions",
    limits: atMost,
    simulate: (random, n, effect) => mannWhitneyU(normals(random, n, effect), normals(random, n)).pvalue,
    power: () => ({ effect: 1.5 }),
  },
  {
    name: "Seed F, nested design",
    setting: "3 configurations × 5 seeds × n repeats, ICC 0.65, no configuration effect",
    limits: exact,
    simulate: (random, n, effect) =>
      varianceComponentsNested(
        [0, 1, 2].map((configuration) =>
          clustered(random, n).map((seed) => seed.map((value) => value + configuration * effect)),
        ),
      ).pOptimizer,
    power: () => ({ effect: 1.5 }),
  },
  {
    name: "Friedman (Kendall's W)",
    setting: "n seeds rank 4 equal configurations",
    limits: atMost,
    simulate: (random, n, effect) =>
      kendallW(
        Array.from({ length: n }, () => normals(random, 4).map((value, index) => value + index * effect)),
      ).pvalue,
    power: () => ({ effect: 0.6 }),
  },
  {
    name: "McNemar, exact",
    setting: "two models of equal accuracy 0.8 on 10 n cases",
    limits: atMost,
    simulate: (random, n, effect) => {
      const table: [[number, number], [number, number]] = [
        [0, 0],
        [0, 0],
      ];
      for (let i = 0; i < 10 * n; i++) {
        const a = random.uniform() < 0.8 + effect ? 0 : 1;
        const b = random.uniform() < 0.8 ? 0 : 1;
        table[a][b] += 1;
      }
      return mcnemar(table).exactP;
    },
    power: () => ({ effect: 0.15 }),
  },
  {
    name: "DeLong, paired",
    setting: "two models of equal AUC 0.76, 10 n cases per class",
    limits: atMost,
    simulate: (random, n, effect) => {
      const labels = Array.from({ length: 20 * n }, (_, i) => i % 2);
      const scores = (shift: number) => labels.map((label) => random.normal() + label * shift);
      return delong(labels, scores(1 + effect), scores(1)).pvalue ?? Number.NaN;
    },
    power: () => ({ effect: 0.7 }),
  },
  {
    name: "Misuse: one-sample t against one further draw",
    setting: "mu is itself a draw; theory: falsePositiveRateOfOneSampleT",
    limits: (n) => around(falsePositiveRateOfOneSampleT(n), 0.02),
    simulate: (random, n) => oneSampleT(normals(random, n), random.normal()).pvalue,
  },
  {
    name: "Misuse: Welch t on pooled repeats",
    setting: "5 seeds per arm, ICC 0.65, repeats taken as independent",
    limits: () => [0.2, 1] as const,
    simulate: (random, n) => welchT(clustered(random, n).flat(), clustered(random, n).flat()).pvalue,
  },
];

function around(centre: number, tolerance: number): readonly [number, number] {
  return [centre - tolerance, centre + tolerance];
}
