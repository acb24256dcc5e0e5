import type { PlannedRun } from "@reprise/contracts";
import type { Random } from "@reprise/statistics";

/** What holds for one study: its seeds and sessions, drawn anew. */
export type SimulatedStudy = {
  /** The value of a run at the k-th seed. */
  value: (seed: number, run: Pick<PlannedRun, "position" | "arm">) => number;
  /** Another run of that seed, in a session of its own. */
  another: (seed: number) => number;
  /** Another run with another seed. */
  anotherSeed: () => number;
};

/** A world in which the deterministic run of a seed is an ordinary draw among its free runs. */
export type World = {
  name: string;
  order?: "randomized-blocks" | "listed";
  study: (random: Random, runs: number) => SimulatedStudy;
  /** Whether free runs of the k-th seed with this repeat exist; all when absent. */
  has?: (seed: number, repeat: number) => boolean;
  /** SD of seeds and of repeats, where one number says it. */
  sd?: { seeds: number; repeats: number };
};

const seedScale = 2;

/** Seeds and repeats scatter alike, in units of the SD of repeats. */
function shaped(name: string, draw: (random: Random) => number, more: Partial<World> = {}): World {
  return {
    name,
    sd: { seeds: seedScale, repeats: 1 },
    study: (random, runs) => {
      const centres = Array.from({ length: runs }, () => seedScale * draw(random));
      const value = (seed: number) => Number(centres[seed]) + draw(random);
      return { value, another: value, anotherSeed: () => seedScale * draw(random) + draw(random) };
    },
    ...more,
  };
}

const normal = (random: Random) => random.normal();
/** Student's t with three degrees of freedom, scaled to SD 1. */
const heavy = (random: Random) =>
  random.normal() / Math.sqrt(random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2);
/** Log-normal (0, 1), centred and scaled to SD 1: skewness 6.2. */
const skewed = (random: Random) =>
  (Math.exp(random.normal()) - Math.exp(0.5)) / Math.sqrt((Math.E - 1) * Math.E);
/** Exponential, centred: skewness 2. */
const exponential = (random: Random) => -Math.log(1 - random.uniform()) - 1;

const cases = 228;

/** Accuracy of a run on a test set near the ceiling: the error rate scatters between seeds, and cases are counted. */
const nearCeiling: World = {
  name: `accuracy near 98 % of ${cases} cases`,
  study: (random, runs) => {
    const rate = () => 0.02 * Math.exp(0.4 * random.normal());
    const counted = (error: number) => {
      // Distances between errors are geometric: a few draws instead of one per case.
      const step = () => 1 + Math.floor(Math.log(1 - random.uniform()) / Math.log(1 - error));
      let wrong = 0;
      for (let at = step(); at <= cases; at += step()) wrong += 1;
      return 1 - wrong / cases;
    };
    const rates = Array.from({ length: runs }, rate);
    const value = (seed: number) => counted(Number(rates[seed]));
    return { value, another: value, anotherSeed: () => counted(rate()) };
  },
};

/** SDs of 1 to 4 at five seeds. */
const unequalSd: World = {
  name: "SD of 1 to 4 by seed",
  study: (random, runs) => {
    const centres = Array.from({ length: runs }, () => seedScale * random.normal());
    const value = (seed: number) => Number(centres[seed]) + (1 + 0.75 * (seed % 5)) * random.normal();
    return {
      value,
      another: value,
      anotherSeed: () => seedScale * random.normal() + (1 + 0.75 * random.integer(5)) * random.normal(),
    };
  },
};

/** Five sessions one after another, each with a state of its own that all its runs share. */
function sessions(name: string, order: "randomized-blocks" | "listed"): World {
  return {
    name,
    order,
    study: (random, runs) => {
      const centres = Array.from({ length: runs }, () => seedScale * random.normal());
      const states = Array.from({ length: 5 }, () => random.normal());
      return {
        value: (seed, { position }) =>
          Number(centres[seed]) + Number(states[Math.floor((5 * position) / runs)]) + random.normal(),
        another: (seed) => Number(centres[seed]) + random.normal() + random.normal(),
        anotherSeed: () => seedScale * random.normal() + random.normal() + random.normal(),
      };
    },
  };
}

export const worlds: readonly World[] = [
  shaped("normal", normal),
  shaped("t with 3 degrees of freedom", heavy),
  shaped("skewed: exponential", exponential),
  shaped("skewed: log-normal", skewed),
  nearCeiling,
  unequalSd,
  shaped("unequal n", skewed, {
    name: "log-normal, 2 repeats up to all by seed",
    has: (seed, repeat) => repeat < 2 + 2 * seed,
  }),
  shaped("ties", (random) => Math.round(random.normal()), {
    name: "normal, rounded to whole SDs: ties",
    sd: undefined,
  }),
  sessions("sessions, order randomised in blocks", "randomized-blocks"),
  sessions("sessions, order as listed", "listed"),
];

type Question = "shift" | "dispersion";

/** A world in which deterministic runs are other than free ones, by normal repeats and seeds. */
export type Effect = World & {
  /** The tests that are to find it; `asPowerful` where they must do so as often as t or F. */
  tests: readonly { test: Question; asPowerful: boolean }[];
};

export const effects: readonly Effect[] = [
  {
    ...shifted((random) => 1.44 + random.normal()),
    name: "a shift of 1.44 SD",
    tests: [
      { test: "shift", asPowerful: true },
      { test: "dispersion", asPowerful: true },
    ],
  },
  {
    ...shifted((random) => 2 * random.normal()),
    name: "twice the SD of repeats",
    tests: [{ test: "dispersion", asPowerful: false }],
  },
];

function shifted(ofDeterministic: (random: Random) => number): Pick<World, "study"> {
  return {
    study: (random, runs) => {
      const centres = Array.from({ length: runs }, () => seedScale * random.normal());
      const another = (seed: number) => Number(centres[seed]) + random.normal();
      return {
        value: (seed, { arm }) =>
          arm === "det" ? Number(centres[seed]) + ofDeterministic(random) : another(seed),
        another,
        anotherSeed: () => seedScale * random.normal() + random.normal(),
      };
    },
  };
}
