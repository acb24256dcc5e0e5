import { anytimeCriticalT, anytimeOneSidedT } from "../error-rates/anytime-t.js";
import { groupSequentialT } from "../error-rates/group-sequential-t.js";
import { powerOneSampleT } from "../means/power.js";
import { binomialCdf, tQuantile } from "../numerics/distributions.js";
import { createRandom, type Random } from "../numerics/random.js";

/** At n values: |t| that shows a difference, and the t of both one-sided tests that shows equivalence; Infinity is no look. */
export type StoppingRule = { name: string; difference: number[]; equivalence: number[] };

const maxSeeds = 20;
const never = Number.POSITIVE_INFINITY;
const perN = (bound: (n: number) => number) =>
  Array.from({ length: maxSeeds + 1 }, (_, n) => (n < 2 ? never : bound(n)));

function planned(
  name: string,
  looks: readonly number[],
  spending: "obrien-fleming" | "pocock",
): StoppingRule {
  const at = (sides: 1 | 2) => {
    const bounds = groupSequentialT(looks, { spending, sides });
    return perN((n) => bounds[looks.indexOf(n)] ?? never);
  };
  return { name, difference: at(2), equivalence: at(1) };
}

const each = Array.from({ length: maxSeeds - 1 }, (_, i) => i + 2);

/** The rules that a study can be planned with, and what they replace. */
export function stoppingRules(): StoppingRule[] {
  return [
    {
      name: "fixed: one t-test of all 20",
      difference: perN((n) => (n === maxSeeds ? tQuantile(0.975, n - 1) : never)),
      equivalence: perN((n) => (n === maxSeeds ? tQuantile(0.95, n - 1) : never)),
    },
    {
      name: "t-test after each seed from the third, stop at p < 0.05",
      difference: perN((n) => (n < 3 ? never : tQuantile(0.975, n - 1))),
      equivalence: perN((n) => (n < 3 ? never : tQuantile(0.95, n - 1))),
    },
    {
      name: "anytime-valid, after each seed",
      difference: perN((n) => anytimeCriticalT(n)),
      equivalence: perN((n) => anytimeOneSidedT(n)),
    },
    planned("O'Brien–Fleming type, 5, 10, 20", [5, 10, 20], "obrien-fleming"),
    planned("O'Brien–Fleming type, after each seed", each, "obrien-fleming"),
    planned("Pocock type, 5, 10, 20", [5, 10, 20], "pocock"),
    planned("Pocock type, after each seed", each, "pocock"),
  ];
}

/** Where the differences of seeds come from: mean 0 and SD 1. */
export type World = { name: string; draw: (random: Random) => number };

/** Draws of a binomial by its distribution function. */
function binomial(n: number, p: number): (random: Random) => number {
  const below = Array.from({ length: n + 1 }, (_, k) => binomialCdf(k, n, p));
  return (random) => {
    const u = random.uniform();
    return below.findIndex((cumulative) => u < cumulative);
  };
}

const exponential = (random: Random) => -Math.log(1 - random.uniform());

const t3 = (random: Random) => {
  const chi = random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2;
  return random.normal() / Math.sqrt(chi / 3) / Math.sqrt(3);
};

const errors = 0.03;
const cases = 228;
const misread = binomial(cases, errors);

export const worlds: readonly World[] = [
  { name: "normal", draw: (random) => random.normal() },
  { name: "t with 3 df", draw: t3 },
  {
    name: "accuracies of 228 cases near 97 %, differences of whole cases",
    draw: (random) => (misread(random) - misread(random)) / Math.sqrt(2 * cases * errors * (1 - errors)),
  },
  {
    name: "both configurations skewed alike (exponential)",
    draw: (random) => (exponential(random) - exponential(random)) / Math.SQRT2,
  },
  {
    name: "differences themselves skewed (exponential)",
    draw: (random) => exponential(random) - 1,
  },
];

export type SequentialOutcome = {
  /** Share of studies that claim a difference, and equivalence within the margin. */
  difference: number;
  equivalence: number;
  /** Seeds used by a study that stops for a difference. */
  meanSeeds: number;
};

type Setting = {
  world: World;
  /** True mean difference, in SDs. */
  effect: number;
  /** Margin of equivalence, in SDs. */
  margin: number;
  studies: number;
  seed: number;
};

/** Studies of up to 20 seeds under every rule, on the same draws. */
export function simulateSequentialStudies(
  rules: readonly StoppingRule[],
  { world, effect, margin, studies, seed }: Setting,
): SequentialOutcome[] {
  const random = createRandom(seed, 0);
  const counts = rules.map(() => ({ difference: 0, equivalence: 0, seeds: 0 }));
  for (let study = 0; study < studies; study++) {
    const open = rules.map(() => ({ difference: true, equivalence: true }));
    let [mean, squares] = [0, 0];
    for (let n = 1; n <= maxSeeds; n++) {
      const x = effect + world.draw(random);
      const before = mean;
      mean += (x - mean) / n;
      squares += (x - before) * (x - mean);
      if (n < 2 || squares === 0) continue;
      const se = Math.sqrt(squares / (n - 1) / n);
      rules.forEach((rule, i) => {
        const [state, count] = [open[i], counts[i]];
        if (!state || !count) return;
        if (state.difference && Math.abs(mean) / se >= Number(rule.difference[n])) {
          state.difference = false;
          count.difference += 1;
          count.seeds += n;
        }
        if (state.equivalence && (margin - Math.abs(mean)) / se >= Number(rule.equivalence[n])) {
          state.equivalence = false;
          count.equivalence += 1;
        }
      });
    }
    open.forEach((state, i) => {
      const count = counts[i];
      if (count && state.difference) count.seeds += maxSeeds;
    });
  }
  return counts.map(({ difference, equivalence, seeds }) => ({
    difference: difference / studies,
    equivalence: equivalence / studies,
    meanSeeds: seeds / studies,
  }));
}

/** Seeds with which a fixed paired t-test has this power, between whole numbers by straight lines. */
export function fixedSeeds(power: number, effect: number): number {
  const at = (n: number) => powerOneSampleT(effect, n);
  let n = 2;
  while (at(n + 1) < power && n < 1000) n += 1;
  const [low, high] = [at(n), at(n + 1)];
  return power <= low ? n : n + (power - low) / (high - low);
}
