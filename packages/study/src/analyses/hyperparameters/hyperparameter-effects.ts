import {
  canonicalJson,
  decodeNumber,
  type HyperparameterEffect,
  type Parameters,
  type ParameterValue,
  type Verdict,
} from "@reprise/contracts";
import {
  adjustPValues,
  type Bounds,
  mean,
  pairedDifferences,
  pairedT,
  withinRange,
} from "@reprise/statistics";
import { degeneracy, known } from "../cells.js";
import type { MetricWords } from "../metric-words.js";
import type { TestSettings } from "../tests/significance-tests.js";
import { correctionNames, counted, metricFormat, plannedOf, pText } from "../words.js";

/** Seed means of one arm: `means[seed][configuration]`. */
export type SeedMeans = {
  configurations: readonly Parameters[];
  /** Names of hyperparameters that are not the same everywhere. */
  parameters: readonly string[];
  seeds: readonly number[];
  means: readonly (readonly number[])[];
};

/** The levels of a hyperparameter in ascending order where they are numbers, else as they come. */
export function levelsOf({ configurations }: SeedMeans, parameter: string): ParameterValue[] {
  const levels = new Map(
    configurations.map((params) => [canonicalJson(params[parameter]), params[parameter] ?? null]),
  );
  const values = [...levels.values()];
  return values.every((value) => typeof value === "number")
    ? values.toSorted((a, b) => Number(a) - Number(b))
    : values;
}

const same = (a: ParameterValue | undefined, b: ParameterValue) => canonicalJson(a) === canonicalJson(b);

/** Pairs of configurations that differ in nothing but this hyperparameter. */
function matchedPairs(data: SeedMeans, parameter: string, level: ParameterValue, baseline: ParameterValue) {
  const rest = (params: Parameters) =>
    canonicalJson(data.parameters.filter((name) => name !== parameter).map((name) => params[name] ?? null));
  return data.configurations.flatMap((params, at) => {
    if (!same(params[parameter], level)) return [];
    const against = data.configurations.findIndex(
      (other) => same(other[parameter], baseline) && rest(other) === rest(params),
    );
    return against < 0 ? [] : [{ at, against }];
  });
}

/**
 * Level against first level of every varied hyperparameter, one difference per seed; all levels are one family.
 *
 * @param bounds between which differences of the metric lie
 */
export function hyperparameterEffects(
  data: SeedMeans,
  settings: TestSettings,
  bounds: Bounds,
): { effects: HyperparameterEffect[]; family: number; notes: string[] } {
  const unmatched: string[] = [];
  const tested = data.parameters.flatMap((parameter) => {
    const [baseline, ...levels] = levelsOf(data, parameter);
    if (baseline === undefined) return [];
    return levels.flatMap((level) => {
      const pairs = matchedPairs(data, parameter, level, baseline);
      if (pairs.length === 0) {
        if (!unmatched.includes(parameter)) unmatched.push(parameter);
        return [];
      }
      const meansOf = (which: "at" | "against") =>
        data.means.map((row) => mean(pairs.map((pair) => row[pair[which]] ?? Number.NaN)));
      const [own, other] = [meansOf("at"), meansOf("against")];
      const differences = pairedDifferences(own, other);
      const test = pairedT(own, other, { confidence: 1 - settings.alpha });
      const tooFew =
        differences.length < 2
          ? `${counted(differences.length, "seed")}: an interval over seeds needs two.`
          : null;
      const few =
        degeneracy(differences, "difference") === null
          ? null
          : "The differences take too few distinct values for a t-test.";
      const reason = tooFew ?? few ?? test.reason ?? null;
      return [{ parameter, level, baseline, settings: pairs.length, differences, test, reason }];
    });
  });
  const { adjusted } = adjustPValues(
    tested.map(({ test, reason }) => (reason === null ? test.pvalue : Number.NaN)),
    { method: settings.correction, alpha: settings.alpha },
  );
  const effects = tested.map(({ test, differences, reason, ...names }, i): HyperparameterEffect => {
    const made = reason === null;
    const [low, high] = withinRange(test.interval, bounds);
    return {
      ...names,
      seeds: differences.length,
      difference: differences.length === 0 ? null : known(mean(differences)),
      interval: made ? { low: known(low), high: known(high) } : { low: null, high: null },
      df: made ? test.df : null,
      p: made ? known(test.pvalue) : null,
      adjustedP: made ? known(adjusted[i]) : null,
      reason,
    };
  });
  const notes =
    unmatched.length === 0
      ? []
      : [
          `No two configurations differ only in ${unmatched.join(", or only in ")}; without such a pair its effect cannot be separated from the effects of other hyperparameters and is not given.`,
        ];
  return { effects, family: tested.filter(({ reason }) => reason === null).length, notes };
}

/** One sentence per tested level. */
export function effectVerdicts(
  effects: readonly HyperparameterEffect[],
  metric: MetricWords,
  { alpha, correction }: TestSettings,
): Verdict[] {
  const family = effects.filter(({ reason }) => reason === null).length;
  const value = (n: HyperparameterEffect["p"]) => (n === null ? Number.NaN : decodeNumber(n));
  const show = (level: ParameterValue) => (typeof level === "string" ? level : canonicalJson(level));
  return effects.flatMap((effect): Verdict[] => {
    if (effect.reason !== null) return [];
    const { low, high } = { low: value(effect.interval.low), high: value(effect.interval.high) };
    const words = metricFormat(metric, (high - low) / 2);
    const detected = value(effect.adjustedP) <= alpha;
    const what = `${effect.parameter} ${show(effect.level)} against ${show(effect.baseline)}`;
    const amount = `${words.bareDifference(value(effect.difference))} ${words.differences({ low, high })} in ${metric.label}`;
    return [
      {
        kind: detected ? "pooled-shift" : "pooled-no-shift",
        tone: detected ? "attention" : "neutral",
        sentence: plannedOf(
          false,
          detected
            ? `${what}: ${amount} over ${counted(effect.seeds, "seed")} (${pText(value(effect.adjustedP), alpha).replace("p", "adjusted p")}), for this model, data and range.`
            : `${what}: no effect is detected over ${counted(effect.seeds, "seed")} (${amount}). This is not evidence of equality.`,
        ),
        basis: [
          `Averaged over ${counted(effect.settings, "setting")} of the other hyperparameters; paired t with ${effect.df} degrees of freedom; ${correction === "none" ? "no correction" : correctionNames[correction]} over ${counted(family, "test")}.`,
        ],
      },
    ];
  });
}
