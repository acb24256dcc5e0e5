import { decodeNumber, type Run, type Verdict, type WireNumber } from "@reprise/contracts";
import { createRandom, guardedConfidence, predictionInterval, quantileOfSorted } from "@reprise/statistics";
import { varianceAnalysis } from "../analyses/spread/variance.js";
import { significanceAnalysis } from "../analyses/tests/significance.js";
import { expandSweep } from "../design/expand-sweep.js";
import { endedRun, inputOf } from "../test-support/runs-fixture.js";
import { specOf } from "../test-support/spec-fixture.js";
import type { World } from "./worlds.js";

/** What happens in studies in which there is nothing to find. */
export type LevelRow = {
  world: string;
  seeds: number;
  repeats: number;
  /** Share of studies with a sentence that raises an alarm, and with t or F below the level as the papers' tests have it. */
  alarm: number;
  normalTheory: number;
  /** How often each printed 95 % interval holds its truth; null where none was printed. */
  covered: Record<(typeof intervalNames)[number], number | null>;
};

export const intervalNames = [
  "shift, these seeds",
  "shift, new seeds",
  "one more run",
  "another seed",
  "typical difference",
  "share of seeds",
] as const;

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

/** Simulates studies of one configuration with one deterministic run per seed, and reads what the analyses say. */
export function studyLevels(
  world: World,
  {
    seeds,
    repeats,
    studies,
    firstSeed = 20_260_101,
  }: { seeds: number; repeats: number; studies: number; firstSeed?: number },
): LevelRow {
  const spec = specOf({
    search: { method: "list", configurations: [{ optimizer: "adam" }] },
    seeds: Array.from({ length: seeds }, (_, k) => k),
    modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats } },
    order: world.order ?? "randomized-blocks",
    analysisPlan: { primaryMetric: "score" },
  });
  const planned = expandSweep(spec).filter(
    ({ arm, seed, repeat }) => arm === "det" || (world.has?.(seed, repeat) ?? true),
  );
  const empty = inputOf(spec, () => ({ metrics: { score: 0 } }));
  const templates = planned.map((run) => endedRun(run, { metrics: { score: 0 } }));
  const typical = typicalTruth(world, seeds);
  const share = world.sd && world.sd.seeds ** 2 / (world.sd.seeds ** 2 + world.sd.repeats ** 2);
  const counts = Object.fromEntries(intervalNames.map((name) => [name, { given: 0, held: 0 }])) as Counts;
  let [alarms, normalTheory] = [0, 0];
  for (let study = 0; study < studies; study += 1) {
    const random = createRandom(firstSeed, study);
    const { value, another, anotherSeed } = world.study(random, planned.length);
    const runs = templates.map((run): Run => {
      const selected = value(run.seed, run);
      const summary = run.summary.score;
      return summary ? { ...run, summary: { score: { ...summary, selected } } } : run;
    });
    const input = { ...empty, runs };
    const { verdicts, rows, pooled } = significanceAnalysis(input, {
      exactUpTo: 600,
      draws: 499,
      seed: study,
    });
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
    const values = runs
      .filter(({ arm }) => arm === "det")
      .map((run) => number(run.summary.score?.selected) ?? 0);
    if (new Set(values).size > 1) {
      const [low, high] = predictionInterval(values, guardedConfidence.prediction);
      count(counts, "another seed", { low, high }, anotherSeed());
    }
    const variance = varianceAnalysis(input);
    const free = variance.rows.find(({ source, arm }) => source === "repeat" && arm === "free");
    if (free) count(counts, "typical difference", free.typicalInterval, typical);
    const [components] = variance.components;
    if (components && share !== undefined)
      count(counts, "share of seeds", components.seedShareInterval, share);
  }
  return {
    world: world.name,
    seeds,
    repeats,
    alarm: alarms / studies,
    normalTheory: normalTheory / studies,
    covered: Object.fromEntries(
      intervalNames.map((name) => [
        name,
        counts[name].given === 0 ? null : counts[name].held / counts[name].given,
      ]),
    ) as LevelRow["covered"],
  };
}
