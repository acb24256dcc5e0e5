import { normalCdf } from "../numerics/distributions.js";
import { createRandom, type Random } from "../numerics/random.js";
import { clusteredAuc } from "../patients/clustered-auc.js";
import { clusteredMcNemar } from "../patients/clustered-mcnemar.js";
import { clusteredProportion } from "../patients/clustered-proportions.js";
import { modelVariance } from "../spread/model-variance.js";

type World = { name: string; patients: number; most: number; spread: number; shift: number };

/** Patients with one to `most` cases each; a patient's tendency has SD `spread`, a case's own noise SD 1. */
const worlds: readonly World[] = [
  { name: "30 patients, 1 to 5 cases, ICC 0.2", patients: 30, most: 5, spread: 0.5, shift: 0.8 },
  { name: "30 patients, 1 to 5 cases, ICC 0.7", patients: 30, most: 5, spread: 1.5, shift: 0.8 },
  { name: "100 patients, 1 to 5 cases, ICC 0.7", patients: 100, most: 5, spread: 1.5, shift: 0.8 },
  { name: "100 patients, 3 cases, near the ceiling", patients: 100, most: 3, spread: 1.5, shift: 3.5 },
  { name: "12 patients, 1 to 10 cases, ICC 0.7", patients: 12, most: 10, spread: 1.5, shift: 0.8 },
];

const normal = (random: Random) =>
  Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());

function patientsOf(random: Random, { patients, most, spread }: World) {
  return Array.from({ length: patients }, (_, k) => ({
    name: k,
    cases: 1 + random.integer(most),
    tendency: spread * normal(random),
  }));
}

type Counts = { covered: number; naive: number; studies: number };

/** Coverage of the interval of a rate, and of one that takes cases for independent. */
function ofRates(world: World, studies: number): Counts {
  const counts = { covered: 0, naive: 0, studies: 0 };
  // Φ(shift / √(1 + spread²)): the share of right cases of a case drawn at random.
  const truth = normalCdf(world.shift / Math.sqrt(1 + world.spread ** 2));
  for (let study = 0; study < studies; study++) {
    const random = createRandom(11, study);
    const values: number[] = [];
    const clusters: number[] = [];
    for (const { name, cases, tendency } of patientsOf(random, world))
      for (let c = 0; c < cases; c++) {
        values.push(tendency + normal(random) + world.shift > 0 ? 1 : 0);
        clusters.push(name);
      }
    const own = clusteredProportion(values, clusters);
    const naive = clusteredProportion(values, null);
    counts.studies += 1;
    if (own.low <= truth && truth <= own.high) counts.covered += 1;
    if (naive.low <= truth && truth <= naive.high) counts.naive += 1;
  }
  return counts;
}

/** Coverage of the interval of an area: labels by patient, scores that hang together within one. */
function ofAreas(world: World, studies: number): Counts {
  const counts = { covered: 0, naive: 0, studies: 0 };
  const apart = 1.2;
  // Scores of two cases of different patients differ with variance 2 (1 + spread²).
  const truth = normalCdf(apart / Math.sqrt(2 * (1 + world.spread ** 2)));
  for (let study = 0; study < studies; study++) {
    const random = createRandom(12, study);
    const labels: number[] = [];
    const scores: number[] = [];
    const clusters: number[] = [];
    for (const { name, cases, tendency } of patientsOf(random, world)) {
      const label = name % 2;
      for (let c = 0; c < cases; c++) {
        labels.push(label);
        scores.push(apart * label + tendency + normal(random));
        clusters.push(name);
      }
    }
    const holds = ({ ciA: [low, high] }: { ciA: readonly [number, number] }) => low <= truth && truth <= high;
    const own = clusteredAuc(labels, scores, clusters);
    // A perfect order has no interval: none is printed.
    if (Number.isNaN(own.ciA[0])) continue;
    counts.studies += 1;
    if (holds(own)) counts.covered += 1;
    if (holds(clusteredAuc(labels, scores, null))) counts.naive += 1;
  }
  return counts;
}

/** False alarms of two equally good models: exact over patients, and McNemar's test that takes cases for independent. */
function ofComparisons(world: World, studies: number): Counts {
  const counts = { covered: 0, naive: 0, studies };
  for (let study = 0; study < studies; study++) {
    const random = createRandom(13, study);
    const [a, b, clusters]: [number[], number[], number[]] = [[], [], []];
    for (const { name, cases } of patientsOf(random, world)) {
      const [first, second] = [world.spread * normal(random), world.spread * normal(random)];
      for (let c = 0; c < cases; c++) {
        a.push(first + normal(random) + world.shift > 0 ? 1 : 0);
        b.push(second + normal(random) + world.shift > 0 ? 1 : 0);
        clusters.push(name);
      }
    }
    if (clusteredMcNemar(a, b, clusters).exactP <= 0.05) counts.covered += 1;
    if (
      clusteredMcNemar(
        a,
        b,
        a.map((_, i) => i),
      ).exactP <= 0.05
    )
      counts.naive += 1;
  }
  return counts;
}

/** Coverage of the interval of the variance between models, over runs that differ by a shift of SD `sd` on the latent scale. */
function ofModels(runs: number, sd: number, studies: number): Counts {
  const counts = { covered: 0, naive: 0, studies };
  const cases = 300;
  const random = createRandom(14);
  const hardness = Array.from({ length: cases }, () => 1.2 + 1.5 * normal(random));
  const rate = (shift: number) => hardness.reduce((sum, own) => sum + normalCdf(own + shift), 0) / cases;
  const draws = Array.from({ length: 20_000 }, () => rate(sd * normal(random)));
  const centre = draws.reduce((sum, value) => sum + value, 0) / draws.length;
  const truth = draws.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (draws.length - 1);
  for (let study = 0; study < studies; study++) {
    const own = createRandom(15, study);
    const right = Array.from({ length: runs }, () => {
      const shift = sd * normal(own);
      return hardness.map((value) => (value + shift + normal(own) > 0 ? 1 : 0));
    });
    const { interval, observed, testSet } = modelVariance(right);
    if (interval[0] <= truth && truth <= interval[1]) counts.covered += 1;
    // The observed variance taken for that of models.
    if (interval[0] + testSet <= truth && truth <= interval[1] + testSet && observed > 0) counts.naive += 1;
  }
  return counts;
}

const share = (part: number, of: number) => `${((100 * part) / of).toFixed(1)} %`;

/** Lines of a Markdown section: coverage of intervals and level of the test where cases share patients. */
export function clusteredIntervals(studies: number): string[] {
  const table = (title: string, own: string, naive: string, rows: [string, Counts][]) => [
    `| ${title} | ${own} | ${naive} |`,
    "|---|---:|---:|",
    ...rows.map(
      ([name, { covered, naive: other, studies: made }]) =>
        `| ${name} | ${share(covered, made)} | ${share(other, made)} |`,
    ),
    "",
  ];
  const each = (of: (world: World, studies: number) => Counts) =>
    worlds.map((world): [string, Counts] => [world.name, of(world, studies)]);
  return [
    "## Patients",
    "",
    "Cases come in clusters: a patient has a tendency, a case noise of its own. Intervals that take cases for independent are too narrow, and",
    "McNemar's test over cases cries wolf. Beside them stands what Reprise prints where it knows patients. The last table is about the part of the",
    "variance between runs that a finite test set does not make (Jordan, 2023).",
    "",
    `${studies.toLocaleString("en")} simulated studies a row; wanted: coverage 95 %, a false-positive rate of at most 5 %.`,
    "",
    ...table(
      "Rate: coverage of the 95 % interval",
      "over patients",
      "cases treated as independent",
      each(ofRates),
    ),
    ...table(
      "Area under the ROC curve: coverage",
      "over patients",
      "cases treated as independent",
      each(ofAreas),
    ),
    ...table(
      "Two equally good models: false-positive rate at 5 %",
      "exact, patient by patient",
      "McNemar over cases",
      each(ofComparisons),
    ),
    ...table("Variance between models: coverage", "test set taken off", "observed variance", [
      ["5 runs, no difference", ofModels(5, 0, studies)],
      ["5 runs, SD of shift 0.2", ofModels(5, 0.2, studies)],
      ["20 runs, no difference", ofModels(20, 0, studies)],
      ["20 runs, SD of shift 0.2", ofModels(20, 0.2, studies)],
    ]),
  ];
}
