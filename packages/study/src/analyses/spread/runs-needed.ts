import type { RunsNeeded } from "@reprise/contracts";
import { pairedDifferences, pooledSpread, powerNewObservationT } from "@reprise/statistics";
import { degeneracy } from "../cells.js";
import { divergedAmong } from "../diverged.js";
import type { MetricWords } from "../metric-words.js";
import type { SeedSamples } from "../seed-samples.js";
import { neededForPairs, neededRange, neededWords, planningPower, smallestNumber } from "../tests/needed.js";
import { metricFormat } from "../words.js";
import { meansBySeed } from "./rank-stability.js";

/** Comparisons that are told of; all stand on the page of tests. */
const told = 6;

type Settings = { margin: number | null; alpha: number; arm: string | null };

/** Seeds for a paired comparison of each configuration with the first: the figures that the comparison of configurations gives. */
function seedsNeeded(
  samples: readonly SeedSamples[],
  metric: MetricWords,
  { margin, alpha, arm }: { margin: number; alpha: number; arm: string },
): RunsNeeded[] {
  const { seeds, means } = meansBySeed(samples);
  if (samples.length < 2 || seeds.length < 2) return [];
  const column = (at: number) => means.map((row) => row[at] ?? Number.NaN);
  const size = metricFormat(metric, margin).chosen(margin);
  return samples.slice(1, 1 + told).flatMap((sample, at): RunsNeeded[] => {
    const differences = pairedDifferences(column(at + 1), column(0));
    if (degeneracy(differences, metric.label) !== null) return [];
    const needed = neededForPairs(differences, margin, alpha, "seed");
    const label = `${sample.configurationLabel} against ${samples[0]?.configurationLabel}${arm}`;
    const number = neededWords(needed, "seed");
    return [
      {
        unit: "seeds",
        arm: samples[0]?.arm ?? "",
        configurationLabel: label,
        margin,
        present: seeds.length,
        more: needed.high,
        moreAtLeast: needed.low,
        sentence:
          needed.reason !== null
            ? `${label}: ${needed.reason}`
            : number === null
              ? `${label}: with this spread between seeds no practical number of seeds would find a difference of ${size}.`
              : needed.high === 0
                ? `${label}: ${seeds.length} seeds are enough to find a difference of ${size} with 80 % power, paired on seed.`
                : `${label}: to find a difference of ${size} with 80 % power, paired on seed, ${number} would be needed.`,
      },
    ];
  });
}

/** Repeats with which the prediction test at one seed finds a shift of so many SDs; Infinity where no number does. */
const repeatsFor = (shift: number, alpha: number): number =>
  smallestNumber((n) => powerNewObservationT(shift, n, alpha) >= planningPower, 2, 2);

function repeatsNeeded(entry: SeedSamples, metric: MetricWords, margin: number, alpha: number): RunsNeeded[] {
  const repeated = entry.seeds.map(({ sample }) => sample.values).filter(({ length }) => length > 1);
  const diverged = divergedAmong(entry.seeds.flatMap(({ sample }) => sample.runs));
  if (entry.isReference || degeneracy(repeated.flat(), metric.label, diverged) !== null) return [];
  const { sd, df } = pooledSpread(repeated);
  if (!(sd > 0)) return [];
  const present = Math.min(...repeated.map(({ length }) => length));
  const needed = neededRange({ sd, df, there: present, unit: "repeat" }, (limit) =>
    repeatsFor(margin / limit, alpha),
  );
  const size = metricFormat(metric, margin).chosen(margin);
  const who = `${entry.configurationLabel}, arm ${entry.arm}`;
  const number = neededWords(needed, "repeat");
  return [
    {
      unit: "repeats",
      arm: entry.arm,
      configurationLabel: entry.configurationLabel,
      margin,
      present,
      more: needed.high,
      moreAtLeast: needed.low,
      sentence:
        needed.reason !== null
          ? `${who}: ${needed.reason}`
          : number === null
            ? `${who}: at a single seed no number of repeats distinguishes a run that deviates by ${size} from an ordinary repeat (SD ${metricFormat(metric, sd).difference(sd)}); add seeds instead.`
            : needed.high === 0
              ? `${who}: ${present} repeats per seed are enough to notice a single run that deviates by ${size}, with 80 % power.`
              : `${who}: to notice a single run that deviates by ${size} with 80 % power, ${number} per seed would be needed.`,
    },
  ];
}

/** Seeds and repeats still missing for a difference as large as the margin of the plan; nothing without a margin. */
export function runsNeeded(
  samples: readonly SeedSamples[],
  metric: MetricWords,
  { margin, alpha, arm }: Settings,
): RunsNeeded[] {
  if (margin === null || arm === null) return [];
  return [
    ...seedsNeeded(
      samples.filter((entry) => entry.arm === arm),
      metric,
      { margin, alpha, arm: samples.some((entry) => entry.arm !== arm) ? `, arm ${arm}` : "" },
    ),
    ...samples.flatMap((entry) => repeatsNeeded(entry, metric, margin, alpha)),
  ];
}
