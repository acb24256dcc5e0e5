import {
  canonicalJson,
  type HyperparameterEffect,
  type ImportanceAnalysis,
  metricFacts,
  type Verdict,
  wordsBesideSplit,
} from "@reprise/contracts";
import { differenceRange } from "@reprise/statistics";
import { variedParameters } from "../../design/configuration-labels.js";
import { cellsOf } from "../cells.js";
import { AnalysisRefusedError } from "../errors.js";
import { leadingVerdicts, missingRunsWords, provisional } from "../general-verdicts.js";
import { type AnalysisInput, describeMetric, provenanceOf, runNotes, sortRuns } from "../input.js";
import type { MetricWords } from "../metric-words.js";
import { armOf, samplesBySeed } from "../seed-samples.js";
import { meansBySeed } from "../spread/rank-stability.js";
import { column, tableOf } from "../table.js";
import { settingsOf } from "../tests/significance-tests.js";
import { correctionNames, counted, joinWords } from "../words.js";
import { effectVerdicts, hyperparameterEffects, type SeedMeans } from "./hyperparameter-effects.js";
import { importanceShares } from "./importance-shares.js";

/**
 * The metric asked for, the objective, or the first validation metric there is.
 * @throws {AnalysisRefusedError} for a test metric: hyperparameters judged by test results are tuned on them.
 */
function validationMetric({ sweep, runs, metric, metrics = [] }: AnalysisInput): string {
  const present = new Set(runs.flatMap(({ summary }) => Object.keys(summary)));
  const known = [...new Set([...present, ...metrics.map(({ key }) => key)])];
  const chosen = metric ?? sweep.spec.objective?.metric;
  if (chosen) {
    if (metricFacts(chosen, metrics).split === "test") {
      const words = wordsBesideSplit(chosen).join(" ");
      const counterpart = known.find(
        (key) =>
          metricFacts(key, metrics).split === "validation" && wordsBesideSplit(key).join(" ") === words,
      );
      throw new AnalysisRefusedError(
        "metric",
        chosen,
        "Importance is not computed from a test metric: hyperparameters that are judged by test results are tuned on them.",
        counterpart ? `Use ${counterpart}.` : "Use a metric of the validation data.",
      );
    }
    return chosen;
  }
  const usual = ["validationAuc", "validationAccuracy", "validationLoss"];
  return (
    usual.find((key) => present.has(key)) ??
    [...present].toSorted().find((key) => metricFacts(key, metrics).split === "validation") ??
    "validationAccuracy"
  );
}

/** One run per configuration, or one seed: nothing can be claimed. */
function limits(data: SeedMeans, runs: number, missing: string): Verdict[] {
  if (data.configurations.length < 2) {
    const one = data.configurations.length === 1;
    return [
      {
        kind: "degenerate",
        tone: "neutral",
        sentence:
          missing === ""
            ? `${one ? "One" : "No"} configuration: there is no hyperparameter to compare.`
            : `${missing}: ${one ? "one" : "no"} configuration is left, and no hyperparameter can be compared.`,
        basis: [],
      },
    ];
  }
  if (runs <= data.configurations.length) {
    return [
      {
        kind: "single-run",
        tone: "neutral",
        sentence: "One run per configuration: ranks are descriptive, and no effect can be claimed.",
        basis: ["Add seeds: an effect is distinguished from chance by how it varies between them."],
      },
    ];
  }
  if (data.seeds.length < 2) {
    return [
      {
        kind: "single-run",
        tone: "neutral",
        sentence: `${data.seeds.length === 1 ? "Only one seed has" : "No seed has"} results of every configuration; repeats of a seed say nothing about other seeds, so no effect is claimed.`,
        basis: ["Add seeds."],
      },
    ];
  }
  return [];
}

function tableWith(effects: readonly HyperparameterEffect[], metric: MetricWords) {
  const unit = metric.unit || null;
  const show = (value: HyperparameterEffect["level"]) =>
    typeof value === "string" ? value : canonicalJson(value);
  return tableOf<HyperparameterEffect>(
    `Effects of hyperparameters: ${metric.label}`,
    [
      column("parameter", "Hyperparameter", null, "What differs", (row) => row.parameter),
      column("level", "Level", null, "Value compared", (row) => show(row.level)),
      column("baseline", "Against", null, "Value it is compared with", (row) => show(row.baseline)),
      column(
        "settings",
        "Settings",
        null,
        "Settings of the other hyperparameters at which both were run",
        (row) => row.settings,
      ),
      column("seeds", "Seeds", null, "Paired seeds", (row) => row.seeds),
      column(
        "difference",
        "Difference",
        unit,
        "Mean difference, level minus the other",
        (row) => row.difference,
      ),
      column("low", "Low", unit, "Its interval over seeds, lower end", (row) => row.interval.low),
      column("high", "High", unit, "Its upper end", (row) => row.interval.high),
      column("df", "df", null, "Degrees of freedom", (row) => row.df),
      column("p", "p", null, "Paired t over seeds", (row) => row.p),
      column("adjustedP", "adj. p", null, "Corrected within the analysis", (row) => row.adjustedP),
      column("reason", "Remark", null, "Why no test was made", (row) => row.reason),
    ],
    effects,
  );
}

/**
 * What hyperparameters do to a validation metric: differences between levels with everything else alike, paired on seed; and
 * shares of variance where a full grid over several seeds carries them.
 * @throws {AnalysisRefusedError} when asked for a test metric.
 */
export function importanceAnalysis(input: AnalysisInput): ImportanceAnalysis {
  const { spec } = input.sweep;
  const metric = describeMetric(validationMetric(input), input);
  const sorted = sortRuns(input.runs, metric);
  const samples = samplesBySeed(cellsOf(spec, sorted.used, metric.key), spec);
  const arm = armOf(samples, spec);
  const own = samples.filter((entry) => entry.arm === arm);
  const params = own.map(({ seeds }) => seeds[0]?.sample.runs[0]?.params ?? {});
  const data: SeedMeans = {
    configurations: params,
    parameters: variedParameters(params),
    ...meansBySeed(own),
  };
  const settings = settingsOf(spec);
  const limited = limits(
    data,
    own.reduce((n, { seeds }) => n + seeds.reduce((m, { sample }) => m + sample.runs.length, 0), 0),
    missingRunsWords(sorted, metric),
  );
  const {
    effects,
    family,
    notes: effectNotes,
  } = hyperparameterEffects(data, settings, differenceRange(metric.check?.range));
  const { shares, reason } = importanceShares(data, metric);
  const notes = [...runNotes({ sorted, metric }), ...effectNotes];
  if (shares === null && reason !== null) notes.push(`No importance is given: ${reason}`);
  return {
    analysis: "importance",
    provenance: provenanceOf(input, metric, sorted, {
      planned: false,
      method: `Seed means of arm ${arm ?? "(none)"} at the selected epoch. Level minus first level with all other hyperparameters alike, averaged over their settings, one difference per seed, paired t. Importance: share of each main effect in the variance between configurations of a full grid.`,
      correction:
        family === 0
          ? "No test could be made."
          : settings.correction === "none"
            ? `No correction for multiplicity over ${counted(family, "test")}; exploratory.`
            : `${correctionNames[settings.correction]} over ${counted(family, "test")} (one per level); exploratory.`,
    }),
    verdicts: [
      ...leadingVerdicts(sorted),
      ...provisional(
        [
          ...limited,
          ...(limited.length > 0 ? [] : effectVerdicts(effects, metric, settings)),
          ...shareVerdicts(shares),
        ],
        sorted,
      ),
    ],
    notes,
    table: tableWith(effects, metric),
    arm: arm ?? "",
    effects,
    shares,
    sharesReason: reason,
  };
}

function shareVerdicts(shares: ImportanceAnalysis["shares"]): Verdict[] {
  if (!shares || shares.length === 0) return [];
  const parts = shares.map(
    ({ parameter, share }) =>
      `${parameter} ${typeof share === "number" ? `${Math.round(share * 100)} %` : "–"}`,
  );
  return [
    {
      kind: "spread",
      tone: "neutral",
      sentence: `Main effects account for these shares of the variance between configurations of this grid: ${joinWords(parts)}; interactions and chance account for the rest.`,
      basis: [
        "Shares depend on the levels that were chosen: a wider range makes a hyperparameter appear more important.",
        "Computed from means over seeds; the table of shares gives the range when computed seed by seed.",
      ],
    },
  ];
}
