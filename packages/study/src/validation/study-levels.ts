import { decodeNumber, type Verdict, type WireNumber } from "@reprise/contracts";
import { createRandom, guardedConfidence, predictionInterval, quantileOfSorted } from "@reprise/statistics";
import { varianceAnalysis } from "../analyses/spread/variance.js";
import { significanceAnalysis } from "../analyses/tests/significance.js";
import { type Design, relabelingOf, simulateStudies } from "./simulate.js";
import type { World } from "./worlds.js";

/** What happens in studies in which there is nothing to find. */
export type LevelRow = {
  world: string;
  seeds: number;
  repeats: number;
  studies: number;
  /** Share of studies with a sentence that raises an alarm, and with t or F below the level as the papers' tests have it. */
  alarm: number;
  normalTheory: number;
  /** How often each printed 95 % interval holds its truth; null where hardly any was printed. */
  covered: Record<(typeof intervalNames)[number], number | null>;
};

export const intervalNames = [
  "shift, these seeds",
  "shift, new seeds",
  "one more run",
  "another seed",
  "typical difference",
  "typical difference of seeds",
  "share of seeds",
] as const;

/** Of fewer intervals coverage is not known to a few points. */
const fewestGiven = 40;

type Counts = Record<(typeof intervalNames)[number], { given: number; held: number }>;

const number = (value: WireNumber | null | undefined) => (value == null ? null : decodeNumber(value));

function count(
  counts: Counts,
  name: keyof Counts,
  interval: { low: WireNumber | null; high: WireNumber | null },
  truth: number,
): void {
  const [low, high] = [number(interval.low), number(interval.high)];
  if (low === null || high === null) return;
  counts[name].given += 1;
  if (low <= truth && truth <= high) counts[name].held += 1;
}

/** Median distance of two runs of a seed, over the seeds of a study: by simulation, once a world. */
function typicalTruth(world: World, seeds: number): number {
  const random = createRandom(1, 7);
  const { another } = world.study(random, 10 * seeds);
  const distances = Array.from({ length: 40_000 }, (_, i) =>
    Math.abs(another(i % seeds) - another(i % seeds)),
  );
  return quantileOfSorted(Float64Array.from(distances).sort(), 0.5);
}

/** Median distance of two runs with a seed of their own. */
function seedsTruth(world: World): number {
  const { anotherSeed } = world.study(createRandom(1, 8), 10);
  const distances = Array.from({ length: 40_000 }, () => Math.abs(anotherSeed() - anotherSeed()));
  return quantileOfSorted(Float64Array.from(distances).sort(), 0.5);
}

/** Simulates studies in which there is nothing to find, and reads what the analyses say. */
export function studyLevels(world: World, design: Design): LevelRow {
  const { seeds, repeats, studies } = design;
  const typical = typicalTruth(world, seeds);
  const ofSeeds = seedsTruth(world);
  const share = world.sd && world.sd.seeds ** 2 / (world.sd.seeds ** 2 + world.sd.repeats ** 2);
  const counts = Object.fromEntries(intervalNames.map((name) => [name, { given: 0, held: 0 }])) as Counts;
  let [alarms, normalTheory] = [0, 0];
  simulateStudies(world, design, (input, { another, anotherSeed }, study) => {
    const { verdicts, rows, pooled } = significanceAnalysis(input, relabelingOf(study));
    const said: Verdict[] = [...verdicts, ...rows.flatMap((row) => row.verdicts)];
    if (said.some(({ tone }) => tone === "attention")) alarms += 1;
    const normal = pooled[0]?.normalTheory;
    if (normal && ((number(normal.p) ?? 1) < 0.05 || (number(normal.fP) ?? 1) < 0.05)) normalTheory += 1;
    if (pooled[0]) {
      count(counts, "shift, these seeds", pooled[0].shiftInterval, 0);
      count(counts, "shift, new seeds", pooled[0].newSeedsInterval, 0);
    }
    for (const row of rows)
      count(counts, "one more run", row.newObservation.predictionInterval, another(row.group.seed));
    const values = input.runs
      .filter(({ arm }) => arm === "det")
      .map((run) => number(run.summary.score?.selected) ?? 0);
    if (new Set(values).size > 1) {
      const [low, high] = predictionInterval(values, guardedConfidence.prediction);
      count(counts, "another seed", { low, high }, anotherSeed());
    }
    const variance = varianceAnalysis(input);
    const free = variance.rows.find(({ source, arm }) => source === "repeat" && arm === "free");
    if (free) count(counts, "typical difference", free.typicalInterval, typical);
    const between = variance.rows.find(({ source }) => source === "seed");
    if (between) count(counts, "typical difference of seeds", between.typicalInterval, ofSeeds);
    const [components] = variance.components;
    if (components && share !== undefined)
      count(counts, "share of seeds", components.seedShareInterval, share);
  });
  return {
    world: world.name,
    seeds,
    repeats,
    alarm: alarms / studies,
    normalTheory: normalTheory / studies,
    studies,
    covered: Object.fromEntries(
      intervalNames.map((name) => {
        const { given, held } = counts[name];
        return [name, given < fewestGiven ? null : held / given];
      }),
    ) as LevelRow["covered"],
  };
}
