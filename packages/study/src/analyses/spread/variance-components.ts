import { decodeNumber, type VarianceComponents, type Verdict } from "@reprise/contracts";
import {
  seedShare,
  varianceComponentsNested,
  varianceComponentsOneway,
  varianceComponentsReml,
} from "@reprise/statistics";
import { isIsolated } from "../../claims/study-claims.js";
import { known } from "../cells.js";
import type { MetricWords } from "../metric-words.js";
import type { SeedSamples } from "../seed-samples.js";
import { counted, metricFormat, pText, wholePercent } from "../words.js";

const wireOf = (bounds: readonly [number, number]) => ({ low: known(bounds[0]), high: known(bounds[1]) });
const nothing = { low: null, high: null };

type Components = Omit<VarianceComponents, "isolated">;

/** Components of one arm from `values[configuration][seed][repeat]`, all of equal size. */
function balancedComponents(arm: string, values: number[][][]): Components {
  const [configurations, seeds, repeats] = [
    values.length,
    values[0]?.length ?? 0,
    values[0]?.[0]?.length ?? 0,
  ];
  const nested = configurations > 1 ? varianceComponentsNested(values) : null;
  // A lone configuration has no fixed factor to test: seeds and repeats only.
  const single = nested ? null : varianceComponentsOneway(values[0] ?? []);
  const varSeed = nested?.varSeed ?? single?.varBetween ?? Number.NaN;
  const varRepeat = nested?.varRepeat ?? single?.varWithin ?? Number.NaN;
  const distinct = new Set(values.flat(2)).size;
  const few = distinct <= 3 ? `Only ${distinct} distinct values: components are not meaningful.` : undefined;
  const reason = few ?? nested?.reason ?? single?.reason ?? null;
  const made = reason === null;
  return {
    arm,
    configurations,
    seeds,
    repeats,
    runs: configurations * seeds * repeats,
    method: "anova",
    sdRepeat: made ? known(Math.sqrt(varRepeat)) : null,
    sdSeed: made ? known(Math.sqrt(varSeed)) : null,
    seedShare: made ? known(varSeed / (varSeed + varRepeat)) : null,
    seedShareInterval: made ? wireOf(seedShare(values).interval) : nothing,
    truncated: nested?.truncated ?? single?.truncated ?? false,
    configurationF: made && nested ? known(nested.fOptimizer) : null,
    configurationDf: [nested?.dfOptimizer[0] ?? 0, nested?.dfOptimizer[1] ?? 0],
    configurationP: made && nested ? known(nested.pOptimizer) : null,
    reason,
  };
}

/** Components of one arm whose configurations and seeds have unequal numbers of runs. */
function unbalancedComponents(arm: string, values: number[][][]): Components {
  const { varRepeat, varSeed, icc, truncated, reason } = varianceComponentsReml(values);
  const distinct = new Set(values.flat(2)).size;
  const few = distinct <= 3 ? `Only ${distinct} distinct values: components are not meaningful.` : undefined;
  const against = few ?? reason ?? null;
  const made = against === null;
  return {
    arm,
    configurations: values.length,
    seeds: Math.max(...values.map(({ length }) => length)),
    repeats: Math.max(...values.flat().map(({ length }) => length)),
    runs: values.flat(2).length,
    method: "reml",
    sdRepeat: made ? known(Math.sqrt(varRepeat)) : null,
    sdSeed: made ? known(Math.sqrt(varSeed)) : null,
    seedShare: made ? known(icc) : null,
    seedShareInterval: made ? wireOf(seedShare(values).interval) : nothing,
    truncated: made && truncated,
    configurationF: null,
    configurationDf: [0, 0],
    configurationP: null,
    reason: against,
  };
}

/** Components of every arm that scatters: by mean squares where the design is balanced, else by restricted likelihood. */
export function componentsOf(samples: readonly SeedSamples[]): VarianceComponents[] {
  const components: VarianceComponents[] = [];
  for (const arm of new Set(samples.map((entry) => entry.arm))) {
    const own = samples.filter((entry) => entry.arm === arm);
    const values = own.map(({ seeds }) => seeds.map(({ sample }) => sample.values));
    const [first] = values;
    const repeats = first?.[0]?.length ?? 0;
    const scatters = values.flat().some((sample) => new Set(sample).size > 1);
    if (!first || first.length < 2 || !values.flat().some(({ length }) => length > 1) || !scatters) continue;
    const balanced = values.every(
      (seeds) => seeds.length === first.length && seeds.every((sample) => sample.length === repeats),
    );
    const made = balanced && repeats > 1 ? balancedComponents : unbalancedComponents;
    const runs = own.flatMap(({ seeds }) => seeds.flatMap(({ sample }) => sample.runs));
    components.push({ ...made(arm, values), isolated: isIsolated(runs) });
  }
  return components;
}

const number = (value: VarianceComponents["sdSeed"]) => (value === null ? Number.NaN : decodeNumber(value));

/** How much of the spread of single runs is the seed, and whether configurations differ beyond it. */
export function componentVerdicts(components: readonly VarianceComponents[], metric: MetricWords): Verdict[] {
  return components.flatMap((row): Verdict[] => {
    if (row.reason !== null) return [];
    const repeat = metricFormat(metric, number(row.sdRepeat));
    const seed = metricFormat(metric, number(row.sdSeed) || number(row.sdRepeat));
    const { low, high } = row.seedShareInterval;
    const told = row.isolated ? "seed" : "requested seed";
    const share =
      low === null
        ? `; a share of the variance cannot be bounded with so few seeds (the estimate is ${wholePercent(number(row.seedShare))})`
        : `; the share of the ${told} in the variance of a single run is about ${wholePercent(number(row.seedShare))} [${wholePercent(number(low)).replace(" %", "")}, ${wholePercent(number(high))}]`;
    const sentence = row.truncated
      ? `Arm ${row.arm}: no spread between ${told}s is seen beyond that of repeats (SD ${repeat.difference(number(row.sdRepeat))}); ${row.method === "reml" ? "the likelihood is largest at zero" : "the estimate of the seed's variance was negative and is shown as 0"}.`
      : `Arm ${row.arm}: within a configuration the SD between ${told}s is ${seed.difference(number(row.sdSeed))} and that of repeats of one ${told} ${repeat.difference(number(row.sdRepeat))}${share}.`;
    const [between, within] = row.configurationDf;
    return [
      {
        kind: "spread",
        tone: "neutral",
        sentence,
        basis: [
          row.method === "anova"
            ? `${counted(row.configurations, "configuration")} × ${row.seeds} seeds × ${row.repeats} repeats, from mean squares.`
            : `${row.runs} runs of ${counted(row.configurations, "configuration")}, up to ${row.seeds} seeds and ${row.repeats} repeats, in unequal numbers: restricted maximum likelihood.`,
          "Interval of the share: jackknife over seeds of the log variance ratio, wide enough to cover 95 % where values are not normal; with few seeds the share is very uncertain.",
          ...(row.configurationP === null
            ? []
            : [
                `Configurations against seeds: F(${between}, ${within}) = ${number(row.configurationF).toFixed(2)}, ${pText(number(row.configurationP))}. Seeds are treated as random within each configuration; where all configurations share their seeds, paired comparisons have more power.`,
              ]),
        ],
      },
    ];
  });
}
