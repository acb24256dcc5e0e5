import { decodeNumber, encodeNumber, type RankStability, type Verdict } from "@reprise/contracts";
import { extremes, kendallW, mean, rankCorrelation } from "@reprise/statistics";
import { known } from "../cells.js";
import { divergedAmong } from "../diverged.js";
import type { SeedSamples } from "../seed-samples.js";
import { pText } from "../words.js";

/** Mean over repeats per seed, for the seeds that all configurations have finite values at and none diverged at. */
export function meansBySeed(samples: readonly SeedSamples[]): { seeds: number[]; means: number[][] } {
  const all = [...new Set(samples.flatMap(({ seeds }) => seeds.map(({ seed }) => seed)))];
  const rows = all.map((seed) => ({
    seed,
    means: samples.map(({ seeds }) => {
      const sample = seeds.find((entry) => entry.seed === seed)?.sample;
      return sample && divergedAmong(sample.runs) === 0 ? mean(sample.values) : Number.NaN;
    }),
  }));
  const complete = rows.filter(({ means }) => means.every(Number.isFinite));
  return { seeds: complete.map(({ seed }) => seed), means: complete.map(({ means }) => means) };
}

/** Kendall's W and the mean τ between pairs of seeds over the seed means of one arm; null below two configurations. */
export function rankStability(samples: readonly SeedSamples[], arm: string): RankStability | null {
  if (samples.length < 2) return null;
  const { seeds, means } = meansBySeed(samples);
  const base = {
    arm,
    configurations: samples.map(({ configurationLabel }) => configurationLabel),
    seeds,
    means: means.map((row) => row.map(encodeNumber)),
    df: samples.length - 1,
  };
  const concordance = means.length < 2 ? null : kendallW(means);
  if (!concordance || concordance.reason !== undefined) {
    const reason =
      concordance?.reason ?? "Ranks need two seeds at which every configuration was run and none diverged.";
    return { ...base, w: null, friedman: null, p: null, meanTau: null, minTau: null, reason };
  }
  const taus = means.flatMap((a, i) => means.slice(i + 1).map((b) => rankCorrelation(a, b).tauB));
  const defined = taus.filter((tau) => !Number.isNaN(tau));
  return {
    ...base,
    w: known(concordance.w),
    friedman: known(concordance.friedman),
    p: known(concordance.pvalue),
    meanTau: known(mean(defined)),
    minTau: defined.length === 0 ? null : known(extremes(defined)[0]),
    reason: null,
  };
}

/** Whether seeds rank configurations alike; `seed` is "seed", or "requested seed" where it was only asked for. */
export function rankVerdicts(ranking: RankStability | null, seed: string): Verdict[] {
  if (!ranking || ranking.w === null) return [];
  const number = (value: RankStability["w"]) => (value === null ? Number.NaN : decodeNumber(value));
  const { configurations, seeds, arm } = ranking;
  const coarse = configurations.length < 5 && seeds.length <= 15;
  const tau = number(ranking.meanTau);
  return [
    {
      kind: "spread",
      tone: "neutral",
      sentence: `${seeds.length} ${seed}s rank ${configurations.length} configurations with Kendall's W = ${number(ranking.w).toFixed(2)} (1: identical ranks, 0: no agreement)${Number.isNaN(tau) ? "" : `, mean τ between two of them ${tau.toFixed(2).replace("-", "−")}`}.`,
      basis: [
        `Seed means of arm ${arm}. Friedman's χ²(${ranking.df}) = ${number(ranking.friedman).toFixed(2)}, ${pText(number(ranking.p))}${coarse ? "; the χ² approximation is poor with so few configurations" : ""}.`,
        "Ranks can flip even where differences are negligible; look at the differences, too.",
      ],
    },
  ];
}
