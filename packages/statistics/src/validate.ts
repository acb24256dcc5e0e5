/**
 * Checks by simulation that the default tests hold their level and have the power they promise, at the sizes studies have.
 * Prints a Markdown table and fails when a test leaves its limits. Seeds are fixed: the table is the same on every machine.
 */
import { fileURLToPath } from "node:url";
import { tostOneSample, tostPaired, tostWelch } from "./equivalence.js";
import {
  falsePositiveRateOfOneSampleT,
  minimumDetectableShift,
  newObservationTFromSample,
} from "./new-observation.js";
import { powerOneSampleT, powerTwoSampleT } from "./power.js";
import { createRandom, RANDOM_ALGORITHM, type Random } from "./random.js";
import { mannWhitneyU, wilcoxonSignedRank } from "./rank-tests.js";
import { minimumDetectablePooledShift, pooledDispersion, pooledMeanShift } from "./seed-blocks.js";
import { mean } from "./summary.js";
import { oneSampleT, pairedT, studentT, welchT } from "./t-tests.js";
import { brownForsythe } from "./variance-tests.js";

const ALPHA = 0.05;
const SEEDS_PER_STUDY = 5;

/** One simulated study with `n` repeats: the p-value when the truth differs from the null hypothesis by `effect`. */
type Simulation = (random: Random, n: number, effect: number) => number;

interface Subject {
  name: string;
  /** What the null hypothesis or the misuse is, in words. */
  setting: string;
  /** The share of rejections a sound test may show when the null hypothesis holds. */
  limits: (n: number) => readonly [number, number];
  simulate: Simulation;
  /** The effect at which power is simulated, and the power that theory promises there. */
  power?: (n: number) => { effect: number; expected?: number };
}

export interface ValidationRow {
  name: string;
  setting: string;
  n: number;
  level: number;
  limits: readonly [number, number];
  effect?: number;
  power?: number;
  expectedPower?: number;
  ok: boolean;
}

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

const subjects: readonly Subject[] = [
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

/** Simulates every subject at every size. Power must be within 2 points of theory where theory is exact. */
export function validateTests(simulations = 10_000, sizes: readonly number[] = [5, 10, 20]): ValidationRow[] {
  return subjects.flatMap((subject, index) =>
    sizes.map((n) => {
      const rate = (effect: number, stream: number) => {
        const random = createRandom(20_260_101 + index, 2 * n + stream);
        let rejected = 0;
        for (let i = 0; i < simulations; i++) if (subject.simulate(random, n, effect) < ALPHA) rejected += 1;
        return rejected / simulations;
      };
      const limits = subject.limits(n);
      const level = rate(0, 0);
      const plan = subject.power?.(n);
      const power = plan && rate(plan.effect, 1);
      const powerOk =
        power === undefined || plan?.expected === undefined || Math.abs(power - plan.expected) < 0.02;
      const ok = level >= limits[0] && level <= limits[1] && powerOk;
      const { name, setting } = subject;
      return {
        name,
        setting,
        n,
        level,
        limits,
        effect: plan?.effect,
        power,
        expectedPower: plan?.expected,
        ok,
      };
    }),
  );
}

/** The rows as a Markdown table. */
export function validationTable(rows: readonly ValidationRow[], simulations: number): string {
  const percent = (value: number | undefined) =>
    value === undefined ? "–" : `${(100 * value).toFixed(1)} %`;
  const lines = rows.map((row) => {
    const effect = row.effect === undefined ? "–" : row.effect.toFixed(2);
    const limits = `${percent(row.limits[0])} to ${percent(row.limits[1])}`;
    const cells = [
      row.name,
      row.setting,
      row.n,
      percent(row.level),
      limits,
      effect,
      percent(row.power),
      percent(row.expectedPower),
      row.ok ? "yes" : "**no**",
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const standardError = 100 * Math.sqrt((ALPHA * (1 - ALPHA)) / simulations);
  return [
    `Rejection rates at α = ${ALPHA}, ${simulations} simulated studies per row (${RANDOM_ALGORITHM}, fixed seeds; standard error at 5 %: ${standardError.toFixed(2)} points). Data are normal with SD 1; effects are in SDs.`,
    "",
    "| test | when the null hypothesis holds | n | rejected | limits | effect | power | theory | ok |",
    "|---|---|---:|---:|---|---:|---:|---:|---|",
    ...lines,
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const simulations = 10_000;
  const rows = validateTests(simulations);
  console.log(validationTable(rows, simulations));
  const failed = rows.filter(({ ok }) => !ok).length;
  console.log(
    failed === 0 ? `\nAll ${rows.length} rows are within their limits.` : `\n${failed} rows are outside.`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
}
