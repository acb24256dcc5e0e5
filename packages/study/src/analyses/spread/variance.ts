import type { SweepSpec, VarianceAnalysis, VarianceRow, Verdict } from "@reprise/contracts";
import { armsOf } from "@reprise/contracts";
import { pooledSpread, summarize, typicalDifference } from "@reprise/statistics";
import { isIsolated, seedWords } from "../../claims/study-claims.js";
import { cellsOf, degeneracy, known, type Sample } from "../cells.js";
import { divergedAmong } from "../diverged.js";
import { leadingVerdicts, provisional, singleRunVerdicts } from "../general-verdicts.js";
import {
  type AnalysisInput,
  chooseMetric,
  describeMetric,
  isPlanned,
  provenanceOf,
  runNotes,
  sortRuns,
} from "../input.js";
import type { MetricWords } from "../metric-words.js";
import { armOf, type SeedSamples, samplesBySeed } from "../seed-samples.js";
import { column, configurationColumn, tableOf } from "../table.js";
import { counted, joinWords, metricFormat } from "../words.js";
import { rankStability, rankVerdicts } from "./rank-stability.js";
import { runsNeeded } from "./runs-needed.js";
import { componentsOf, componentVerdicts } from "./variance-components.js";

const sourceNames = {
  init: "initial weights",
  dataOrder: "order of the data",
  augmentation: "augmentation",
  dropout: "dropout masks",
  split: "split of the data",
} as const;

/** What differs between repeats of an arm at one seed: varied noise sources, and what its execution leaves free. */
function variedWords(spec: SweepSpec, arm: string): string {
  const execution = armsOf(spec).find(({ name }) => name === arm)?.execution;
  const sources: string[] = Object.entries(sourceNames).flatMap(([source, name]) =>
    Object.entries(spec.noise).some(([key, state]) => key === source && state === "varied") ? [name] : [],
  );
  if (execution?.order === "free") sources.push("order of reduction");
  if (execution?.order === "permuted") sources.push("the fixed order of summation");
  if (execution?.algorithms === "default")
    sources.push(
      `choice of algorithms${execution.autotune ? " (cuDNN's autotuning)" : ""} where the backend has one`,
    );
  return sources.length === 0 ? "nothing" : joinWords(sources);
}

/** What varies is what was asked for, where nobody saw more. */
function asKnown(seeds: SeedSamples["seeds"]): string {
  const runs = seeds.flatMap(({ sample }) => sample.runs);
  return isIsolated(runs) ? "" : " (requested, not observed)";
}

type Typical = Pick<VarianceRow, "typicalDifference" | "typicalInterval" | "intervalReason">;

const untold: Typical = {
  typicalDifference: null,
  typicalInterval: { low: null, high: null },
  intervalReason: null,
};

/**
 * How far two runs of a sample lie apart. Repeats of a number are a block: they were started at about the same time, and may resemble
 * each other. Where runs of a seed were made one after another, what differs between times is not in their distances at all.
 */
function typicalOf(samples: readonly Sample[], order: SweepSpec["order"] | null): Typical {
  const { estimate, interval, reason } = typicalDifference(
    samples.map(({ values }) => values),
    order === null ? {} : { blocks: samples.map(({ runs }) => runs.map(({ repeat }) => repeat)) },
  );
  const against =
    order === "listed"
      ? "The order of runs was not randomised: repeats of a seed were made one after another, so they do not show how far apart runs made at other times would lie. The order randomized-blocks would show that."
      : (reason ?? null);
  return {
    typicalDifference: known(estimate),
    typicalInterval:
      against === null ? { low: known(interval[0]), high: known(interval[1]) } : untold.typicalInterval,
    intervalReason: against,
  };
}

/** Spread of repeats within seeds, and spread of seeds where execution is fixed: each with only its own source varying. */
function rowsOf(samples: SeedSamples, spec: SweepSpec, metric: MetricWords): VarianceRow[] {
  const { configurationKey, configurationLabel, arm, isReference, seeds } = samples;
  const names = { configurationKey, configurationLabel, arm };
  const several = seeds.filter(({ sample }) => sample.values.length > 1);
  const repeated = several.map(({ sample }) => sample.values);
  const diverged = divergedAmong(several.flatMap(({ sample }) => sample.runs));
  const rows: VarianceRow[] = [];
  if (repeated.length > 0) {
    const values = repeated.flat();
    const identical = diverged === 0 && repeated.every((sample) => new Set(sample).size === 1);
    const broken = degeneracy(values, metric.label, diverged);
    const { sd, df, reason } = pooledSpread(repeated);
    const usable = reason === undefined && (broken === null || identical);
    rows.push({
      ...names,
      source: "repeat",
      varies: variedWords(spec, arm) + asKnown(seeds),
      isolated: isIsolated(seeds.flatMap(({ sample }) => sample.runs)),
      sd: reason === undefined ? known(sd) : null,
      ...(usable
        ? typicalOf(
            several.map(({ sample }) => sample),
            spec.order,
          )
        : untold),
      df,
      runs: values.length,
      seeds: repeated.length,
      reason:
        reason ??
        (identical
          ? `All repeats of a seed have the same ${metric.label}.`
          : broken && `${broken.replace(/; no t-test\.$/, ".")} A typical difference would mean little.`) ??
        null,
    });
  }
  if (isReference && !Object.values(spec.noise).includes("varied") && seeds.length > 1) {
    // Copies of a deterministic run add no information: one per seed.
    const values = seeds.map(({ sample }) => sample.values[0] ?? Number.NaN);
    const broken = degeneracy(
      values,
      metric.label,
      divergedAmong(seeds.flatMap(({ sample }) => sample.runs.slice(0, 1))),
    );
    const { sd } = summarize(values);
    const firsts = { arm, runs: seeds.flatMap(({ sample }) => sample.runs.slice(0, 1)), values };
    rows.push({
      ...names,
      source: "seed",
      varies: `the seed${asKnown(seeds)}`,
      isolated: isIsolated(seeds.flatMap(({ sample }) => sample.runs)),
      sd: known(sd),
      ...(broken === null ? typicalOf([firsts], null) : untold),
      df: values.length - 1,
      runs: values.length,
      seeds: values.length,
      reason: broken,
    });
  }
  return rows;
}

function rowVerdicts(rows: readonly VarianceRow[], metric: MetricWords): Verdict[] {
  return rows.flatMap((row): Verdict[] => {
    const { sd, typicalDifference: typical, typicalInterval, intervalReason, source, varies, isolated } = row;
    if (varies.startsWith("nothing") || typeof sd !== "number" || sd === 0 || row.reason !== null) return [];
    const words = metricFormat(metric, sd);
    const { low, high } = typicalInterval;
    const apart =
      typeof typical === "number" && typeof low === "number" && typeof high === "number"
        ? `; two such runs typically differ by ${words.difference(typical)} ${words.differences({ low, high })}`
        : "";
    return [
      {
        kind: "spread",
        tone: "neutral",
        sentence: `${row.configurationLabel}, arm ${row.arm}: between runs that differ ${isolated ? "only " : ""}in ${varies}, the SD of ${metric.label} is ${words.difference(sd)}${apart}.`,
        basis: [
          source === "repeat"
            ? `SD pooled within ${counted(row.seeds, "seed")}, ${row.runs} runs, ${row.df} degrees of freedom.`
            : isolated
              ? `One deterministic run per seed, ${row.runs} seeds: all random draws differ, execution does not.`
              : `One run of that arm per requested seed, ${row.runs} seeds.`,
          apart === ""
            ? `No interval is given: where values are skewed, the coverage of a 95 % interval of an SD can be as low as 40 %. ${intervalReason ?? ""}`.trim()
            : "Typical difference: median over disjoint pairs of runs, with a 95 % interval from order statistics, for any distribution. Where values are skewed, the coverage of a 95 % interval of the SD could be as low as 40 %.",
          ...(apart !== "" && source === "repeat" && row.seeds === 1
            ? [
                "With one seed it cannot be seen whether runs made at about the same time resemble each other.",
              ]
            : []),
          "Spreads measured with one source varying at a time do not add up to a whole: no shares are formed from them.",
        ],
      },
    ];
  });
}

/**
 * Where spread comes from: "SD when only X varies" per configuration and arm, variance components (configuration fixed, seed
 * random within it, repeat residual) where the design is balanced, whether seeds rank configurations alike, and how many seeds or
 * repeats would settle a difference as large as the margin of the plan.
 */
export function varianceAnalysis(input: AnalysisInput): VarianceAnalysis {
  const { spec } = input.sweep;
  const metric = describeMetric(chooseMetric(input), input);
  const sorted = sortRuns(input.runs, metric);
  const cells = cellsOf(spec, sorted.used, metric.key);
  const samples = samplesBySeed(cells, spec);
  const rows = samples.flatMap((entry) => rowsOf(entry, spec, metric));
  const components = componentsOf(samples);
  const arm = armOf(samples, spec);
  const ranking =
    arm === null
      ? null
      : rankStability(
          samples.filter((entry) => entry.arm === arm),
          arm,
        );
  const margin = spec.analysisPlan?.margin[metric.key] ?? null;
  const needed = runsNeeded(samples, metric, { margin, alpha: spec.analysisPlan?.alpha ?? 0.05, arm });
  const unit = metric.unit || null;
  return {
    analysis: "variance",
    provenance: provenanceOf(input, metric, sorted, {
      planned: isPlanned(input, metric.key, "mode"),
      method:
        "SD of repeats pooled within seeds and SD of deterministic runs between seeds, without intervals, which would not hold for skewed or heavy-tailed values; median distance of disjoint pairs of runs with a 95 % interval from order statistics, which does; variance components with seed nested in configuration, from mean squares, or by restricted maximum likelihood where cells differ in size; interval of the share by the jackknife over seeds.",
      correction: "Intervals and the tests of configurations and ranks are not corrected: exploratory.",
    }),
    verdicts: [
      ...leadingVerdicts(sorted),
      ...provisional(
        [
          ...singleRunVerdicts(cells),
          ...rowVerdicts(rows, metric),
          ...componentVerdicts(components, metric),
          ...rankVerdicts(ranking, seedWords(sorted.used)),
        ],
        sorted,
      ),
    ],
    notes: [
      ...runNotes({ sorted, metric }),
      ...needed.map(({ sentence }) => sentence),
      ...(margin === null
        ? [
            `The analysis plan names no margin for ${metric.label}: the number of runs still needed cannot be given.`,
          ]
        : []),
    ],
    table: tableOf<VarianceRow>(
      `Spread by source: ${metric.label}`,
      [
        configurationColumn((row) => row.configurationLabel),
        column("arm", "Arm", null, "How the runs were executed", (row) => row.arm),
        column("source", "Between", null, "Runs that are compared: repeats or seeds", (row) => row.source),
        column("varies", "Varies", null, "What differs between these runs", (row) => row.varies),
        column("seeds", "Seeds", null, "Seeds", (row) => row.seeds),
        column("runs", "n", null, "Runs", (row) => row.runs),
        column("df", "df", null, "Degrees of freedom", (row) => row.df),
        column("sd", "SD", unit, "Standard deviation when only this varies", (row) => row.sd),
        column(
          "typical",
          "Typical difference",
          unit,
          "Median distance of two such runs, over disjoint pairs",
          (row) => row.typicalDifference,
        ),
        column("low", "Low", unit, "Its 95 % interval, lower end", (row) => row.typicalInterval.low),
        column("high", "High", unit, "Its upper end", (row) => row.typicalInterval.high),
        column("reason", "Remark", null, "Why there is none", (row) => row.reason ?? row.intervalReason),
      ],
      rows,
    ),
    rows,
    components,
    ranking,
    needed,
  };
}
