import { canonicalJson, type ImportanceAnalysis } from "@reprise/contracts";
import { extremes, mean, shareBetweenGroups } from "@reprise/statistics";
import { degeneracy, known } from "../cells.js";
import type { MetricWords } from "../metric-words.js";
import { levelsOf, type SeedMeans } from "./hyperparameter-effects.js";

function reasonAgainst(data: SeedMeans, metric: MetricWords): string | null {
  const { configurations, parameters, seeds } = data;
  if (configurations.length < 3 || parameters.length < 2)
    return "shares need a grid of at least two hyperparameters.";
  if (seeds.length < 2)
    return "with one seed, the effect of a hyperparameter cannot be distinguished from chance.";
  const cells = parameters.reduce((product, name) => product * levelsOf(data, name).length, 1);
  const different = new Set(
    configurations.map((params) => canonicalJson(parameters.map((name) => params[name] ?? null))),
  ).size;
  if (different !== cells || configurations.length !== cells)
    return "the configurations are not a full grid, so effects of hyperparameters cannot be separated.";
  if (degeneracy(data.means.flat(), metric.label) !== null)
    return `${metric.label} takes too few distinct values.`;
  return null;
}

/** Main effects as shares of the variance between configurations; null, with the reason, unless the design carries them. */
export function importanceShares(
  data: SeedMeans,
  metric: MetricWords,
): { shares: ImportanceAnalysis["shares"]; reason: string | null } {
  const reason = reasonAgainst(data, metric);
  if (reason !== null) return { shares: null, reason };
  const overSeeds = data.configurations.map((_, at) => mean(data.means.map((row) => row[at] ?? Number.NaN)));
  const shares = data.parameters.map((parameter) => {
    const keys = data.configurations.map((params) => canonicalJson(params[parameter]));
    const shareOf = (values: readonly number[]) =>
      shareBetweenGroups([...new Set(keys)].map((key) => values.filter((_, at) => keys[at] === key)));
    const perSeed = data.means.map(shareOf).filter((share) => !Number.isNaN(share));
    const [low, high] = extremes(perSeed);
    return { parameter, share: known(shareOf(overSeeds)), range: { low: known(low), high: known(high) } };
  });
  return { shares, reason: null };
}
