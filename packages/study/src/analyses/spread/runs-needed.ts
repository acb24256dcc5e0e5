import type { RunsNeeded } from "@reprise/contracts";
import {
  minimumDetectableShift,
  pairedDifferences,
  pooledSpread,
  sampleSizeOneSampleT,
  standardDeviation,
} from "@reprise/statistics";
import { degeneracy } from "../cells.js";
import { divergedAmong } from "../diverged.js";
import type { MetricWords } from "../metric-words.js";
import type { SeedSamples } from "../seed-samples.js";
import { counted, metricFormat } from "../words.js";
import { meansBySeed } from "./rank-stability.js";
import { remember } from "./remember.js";

/** More runs than anybody would make. */
const practical = 2000;
const power = 0.8;

type Settings = { margin: number | null; alpha: number; arm: string | null };

/** Seeds for a paired comparison of the two configurations whose differences scatter most. */
function seedsNeeded(
  samples: readonly SeedSamples[],
  metric: MetricWords,
  margin: number,
  alpha: number,
): RunsNeeded[] {
  const { seeds, means } = meansBySeed(samples);
  if (samples.length < 2 || seeds.length < 2) return [];
  const columns = samples.map((_, at) => means.map((row) => row[at] ?? Number.NaN));
  const pairs = columns.flatMap((a, i) =>
    columns.slice(i + 1).map((b, k) => ({ i, j: i + 1 + k, differences: pairedDifferences(a, b) })),
  );
  const usable = pairs
    .filter(({ differences }) => degeneracy(differences, metric.label) === null)
    .map((pair) => ({ ...pair, sd: standardDeviation(pair.differences) }))
    .toSorted((a, b) => b.sd - a.sd);
  const [widest] = usable;
  if (!widest) return [];
  const { n } = sampleSizeOneSampleT(margin / widest.sd, power, { alpha });
  const more = n > practical ? null : Math.max(0, n - seeds.length);
  const label = `${samples[widest.i]?.configurationLabel} against ${samples[widest.j]?.configurationLabel}`;
  const size = metricFormat(metric, margin).chosen(margin);
  // Of two or three differences an SD says little: the reader is told what the number hangs on.
  const ifSo = `in a paired test, if differences scatter by ${metricFormat(metric, widest.sd).difference(widest.sd)}, the SD between ${seeds.length} seeds`;
  const which = usable.length > 1 ? " (the pair of configurations that scatters most)" : "";
  return [
    {
      unit: "seeds",
      arm: samples[0]?.arm ?? "",
      configurationLabel: label,
      margin,
      present: seeds.length,
      more,
      sentence:
        more === null
          ? `${label}${which}: with this spread no practical number of seeds would find a difference of ${size}.`
          : more === 0
            ? `${label}${which}: ${counted(seeds.length, "seed")} are enough to find a difference of ${size} with 80% power ${ifSo}.`
            : `${label}${which}: about ${counted(more, "more seed")} would give 80% power to find a difference of ${size} ${ifSo}.`,
    },
  ];
}

/** Repeats until the prediction test at one seed finds a shift as large as the margin, where any number does. */
function repeatsFor(
  sd: number,
  margin: number,
  present: number,
  detectable: (n: number) => number,
): number | null {
  const finds = (n: number) => detectable(n) * sd <= margin;
  if (finds(present)) return 0;
  if (!finds(practical)) return null;
  let [tooFew, enough] = [present, practical];
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (finds(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough - present;
}

function repeatsNeeded(
  entry: SeedSamples,
  metric: MetricWords,
  margin: number,
  detectable: (n: number) => number,
): RunsNeeded[] {
  const repeated = entry.seeds.map(({ sample }) => sample.values).filter(({ length }) => length > 1);
  const diverged = divergedAmong(entry.seeds.flatMap(({ sample }) => sample.runs));
  if (entry.isReference || degeneracy(repeated.flat(), metric.label, diverged) !== null) return [];
  const { sd } = pooledSpread(repeated);
  if (!(sd > 0)) return [];
  const present = Math.min(...repeated.map(({ length }) => length));
  const more = repeatsFor(sd, margin, present, detectable);
  const size = metricFormat(metric, margin).chosen(margin);
  const who = `${entry.configurationLabel}, arm ${entry.arm}`;
  return [
    {
      unit: "repeats",
      arm: entry.arm,
      configurationLabel: entry.configurationLabel,
      margin,
      present,
      more,
      sentence:
        more === null
          ? `${who}: at a single seed no number of repeats tells one run ${size} off from an ordinary repeat (SD ${metricFormat(metric, sd).difference(sd)}); add seeds instead.`
          : more === 0
            ? `${who}: ${counted(present, "repeat")} per seed are enough to notice a single run that is ${size} off, with 80% power.`
            : `${who}: about ${counted(more, "more repeat")} per seed would give 80% power to notice a single run that is ${size} off.`,
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
  const detectable = remember((n = 2) => minimumDetectableShift(n, power, alpha));
  return [
    ...seedsNeeded(
      samples.filter((entry) => entry.arm === arm),
      metric,
      margin,
      alpha,
    ),
    ...samples.flatMap((entry) => repeatsNeeded(entry, metric, margin, detectable)),
  ];
}
