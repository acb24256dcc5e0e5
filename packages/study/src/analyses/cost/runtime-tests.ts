import { decodeNumber, type RuntimeRow, type RuntimeTest, type Verdict } from "@reprise/contracts";
import { adjustPValues, mean, pairedT, wilcoxonSignedRank } from "@reprise/statistics";
import { known } from "../cells.js";
import type { MetricWords } from "../metric-words.js";
import type { TestSettings } from "../tests/significance-tests.js";
import { correctionNames, counted, metricFormat, pText } from "../words.js";

export const minutes: MetricWords = { key: "wallTime", label: "wall time", unit: "min", direction: null };

/** Both arms at one seed. */
type Pair = { seed: number; fixed: number; other: number; percent: number };

type Candidate = { configurationKey: string | null; configurationLabel: string; arm: string; pairs: Pair[] };

/** Rows with both times. */
function pairsOf(rows: readonly RuntimeRow[]): (Pair & { row: RuntimeRow })[] {
  return rows.flatMap((row) => {
    const { deterministicMinutes, meanMinutes, percent } = row;
    if (deterministicMinutes === null || meanMinutes === null || percent === null) return [];
    return [
      {
        row,
        seed: row.group.seed,
        fixed: decodeNumber(deterministicMinutes),
        other: decodeNumber(meanMinutes),
        percent: decodeNumber(percent),
      },
    ];
  });
}

/** One pair per seed at which every configuration was timed: means over configurations. */
function overConfigurations(pairs: readonly (Pair & { row: RuntimeRow })[], configurations: number): Pair[] {
  return [...new Set(pairs.map(({ seed }) => seed))].flatMap((seed) => {
    const own = pairs.filter((pair) => pair.seed === seed);
    if (own.length < configurations) return [];
    return [
      {
        seed,
        fixed: mean(own.map(({ fixed }) => fixed)),
        other: mean(own.map(({ other }) => other)),
        percent: mean(own.map(({ percent }) => percent)),
      },
    ];
  });
}

function candidates(rows: readonly RuntimeRow[]): Candidate[] {
  return [...new Set(rows.map(({ arm }) => arm))].flatMap((arm): Candidate[] => {
    const all = pairsOf(rows.filter((row) => row.arm === arm));
    const keys = [...new Set(rows.map(({ group }) => group.configurationKey))];
    const each = keys.map((key): Candidate => {
      const pairs = all.filter(({ row }) => row.group.configurationKey === key);
      const label = rows.find(({ group }) => group.configurationKey === key)?.group.configurationLabel;
      return { configurationKey: key, configurationLabel: label ?? "", arm, pairs };
    });
    if (keys.length < 2) return each;
    const pooled = overConfigurations(all, keys.length);
    return [
      ...each,
      { configurationKey: null, configurationLabel: "all configurations", arm, pairs: pooled },
    ];
  });
}

/** A difference of up to two minutes is said in seconds. */
const mostInSeconds = 2;
const inSeconds = { unit: "s", factor: 60 };
const inMinutes = { unit: "min", factor: 1 };

function verdictOf(test: Omit<RuntimeTest, "verdict">, family: number, settings: TestSettings): Verdict {
  const { configurationLabel, arm, seeds, reason } = test;
  const value = (n: RuntimeTest["p"]) => (n === null ? Number.NaN : decodeNumber(n));
  const [low, high] = [value(test.differenceInterval.low), value(test.differenceInterval.high)];
  const percent = value(test.percent);
  const size = Number.isNaN(percent)
    ? ""
    : `${Math.abs(percent).toFixed(1)} % ${percent < 0 ? "less" : "more"} wall time than deterministic ones`;
  if (reason !== null) {
    return {
      kind: "degenerate",
      tone: "neutral",
      sentence: `${configurationLabel}: ${size === "" ? `arm ${arm} and deterministic runs were not both timed.` : `runs of arm ${arm} took ${size}. ${reason}`}`,
      basis: [`${counted(seeds, "seed")} with both times.`],
    };
  }
  const detected = value(test.adjustedP) <= settings.alpha;
  const { unit, factor } = Math.max(-low, high) < mostInSeconds ? inSeconds : inMinutes;
  const bounds = { low: low * factor, high: high * factor };
  const interval = metricFormat({ unit }, (bounds.high - bounds.low) / 2).differences(bounds);
  const adjusted =
    settings.correction === "none" || family < 2
      ? ""
      : `, ${pText(value(test.adjustedP), settings.alpha).replace("p", "adjusted p")}; ${correctionNames[settings.correction]} over ${family} tests`;
  return {
    kind: detected ? "pooled-shift" : "pooled-no-shift",
    tone: "neutral",
    sentence: `${configurationLabel}: runs of arm ${arm} took ${size} on average over ${counted(seeds, "seed")} (difference ${interval}; ${detected ? "" : "not distinguishable from zero, "}${pText(value(test.p), settings.alpha)}${adjusted}), on these machines under this load.`,
    basis: [
      `Paired t(${test.df}) over seeds; Wilcoxon's signed-rank test: ${pText(value(test.wilcoxonP), settings.alpha)}${seeds < 6 ? ", which cannot fall below 0.05 with fewer than six pairs" : ""}.`,
      "Wall time was not a planned outcome: exploratory.",
    ],
  };
}

/** Paired tests of wall time: per configuration and arm, and per arm over all configurations; one family. */
export function runtimeTests(
  rows: readonly RuntimeRow[],
  settings: TestSettings,
): { tests: RuntimeTest[]; family: number } {
  const tested = candidates(rows).map(({ pairs, ...names }) => {
    const other = pairs.map((pair) => pair.other);
    const fixed = pairs.map((pair) => pair.fixed);
    const { statistic, df, pvalue, interval, meanDiff, reason } = pairedT(other, fixed, {
      confidence: 1 - settings.alpha,
    });
    const ranks = wilcoxonSignedRank(pairs.map((pair) => pair.other - pair.fixed));
    const tooFew =
      pairs.length < 2 ? `${counted(pairs.length, "seed")}: a test over seeds needs two.` : undefined;
    return {
      names,
      pairs,
      statistic,
      df,
      pvalue,
      interval,
      meanDiff,
      ranks,
      reason: tooFew ?? reason ?? null,
    };
  });
  const { adjusted } = adjustPValues(
    tested.map(({ pvalue, reason }) => (reason === null ? pvalue : Number.NaN)),
    { method: settings.correction, alpha: settings.alpha },
  );
  const family = tested.filter(({ reason }) => reason === null).length;
  const tests = tested.map(({ names, pairs, interval: [low, high], ranks, reason, ...test }, index) => {
    const made = reason === null;
    const bare = {
      ...names,
      seeds: pairs.length,
      percent: known(mean(pairs.map(({ percent }) => percent))),
      differenceMinutes: known(test.meanDiff),
      differenceInterval: made ? { low: known(low), high: known(high) } : { low: null, high: null },
      t: made ? known(test.statistic) : null,
      df: made ? test.df : null,
      p: made ? known(test.pvalue) : null,
      adjustedP: made ? known(adjusted[index]) : null,
      wilcoxonW: made ? known(ranks.statistic) : null,
      wilcoxonP: made ? known(ranks.pvalue) : null,
      reason,
    };
    return { ...bare, verdict: verdictOf(bare, family, settings) };
  });
  return { tests, family };
}
