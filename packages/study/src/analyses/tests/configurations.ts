import {
  type ComparisonResult,
  type ConfigurationsAnalysis,
  defaultArmRule,
  type SweepSpec,
  type Verdict,
} from "@reprise/contracts";
import { type Cell, cellsOf, configurationOrder } from "../cells.js";
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
import { correctionNames, counted, joinWords, planned, sentencesOf } from "../words.js";
import { comparisonTable, judgeFamily } from "./comparison-family.js";
import { compareGroups } from "./comparison-tests.js";
import { designWords } from "./comparison-words.js";
import { settingsOf, type TestSettings } from "./significance-tests.js";

/** More sentences than this are summed up in one; those of differences still follow it. */
const fewSentences = 6;

/** "Of 22 configurations against R1, ...": what a family of comparisons comes to. */
function summary(comparisons: readonly ComparisonResult[], metric: MetricWords, inPlan: boolean): Verdict {
  const differ = comparisons.filter(({ rejected }) => rejected);
  const equal = comparisons.filter(({ rejected, equivalence }) => !rejected && equivalence?.shown);
  const untested = comparisons.filter(({ reason }) => reason !== null);
  const open = comparisons.length - differ.length - equal.length - untested.length;
  const difference =
    untested.length === comparisons.length
      ? `no difference in mean ${metric.label} could be tested`
      : differ.length === 0
        ? `no difference in mean ${metric.label} is shown`
        : `${counted(differ.length, "configuration")} ${differ.length === 1 ? "differs" : "differ"} in mean ${metric.label}`;
  const parts = [
    difference,
    ...(equal.length > 0 ? [`${equal.length} ${equal.length === 1 ? "lies" : "lie"} within the margin`] : []),
    ...(open > 0 && differ.length + equal.length > 0
      ? [`${open} ${open === 1 ? "is" : "are"} undecided`]
      : []),
    ...(untested.length > 0 && untested.length < comparisons.length
      ? [`${untested.length} could not be tested`]
      : []),
  ];
  const designs = [...new Set(comparisons.filter(({ reason }) => reason === null).map(designWords))];
  return {
    kind: differ.length > 0 ? "pooled-shift" : "inconclusive",
    tone: differ.length > 0 ? "attention" : "neutral",
    ...sentencesOf([
      planned(
        inPlan,
        `${comparisons.length} configurations against ${comparisons[0]?.b}: ${joinWords(parts)}${designs.length > 0 ? ` (${joinWords(designs)})` : ""}.`,
      ),
      "Not showing a difference does not show equality.",
    ]),
    basis: ["Each comparison with its interval, tests and correction is in the table."],
  };
}

function verdictsOf(
  comparisons: readonly ComparisonResult[],
  metric: MetricWords,
  inPlan: boolean,
): Verdict[] {
  if (comparisons.length <= fewSentences) return comparisons.map(({ verdict }) => verdict);
  const differ = comparisons.filter(({ rejected }) => rejected);
  return [
    summary(comparisons, metric, inPlan),
    ...differ.slice(0, fewSentences).map(({ verdict }) => verdict),
  ];
}

function correctionWords(family: number, { correction }: TestSettings): string {
  if (family === 0) return "No test could be made.";
  return correction === "none"
    ? `No correction over ${counted(family, "test")}.`
    : `${correctionNames[correction]} over ${counted(family, "test")} (one per configuration). Intervals and equivalence are not corrected.`;
}

/** Key of the configuration that a study lists first, whether its runs can be used or not; else that of the first run. */
function firstListed(spec: SweepSpec, cells: readonly Cell[]): string | undefined {
  const [first] = configurationOrder(spec).keys();
  return first ?? cells[0]?.group.configurationKey;
}

/**
 * The plan's contrast "configuration": every configuration against the one that the study lists first, on one metric at
 * the selected epoch. Paired t over shared seeds with repeats averaged within each seed, else Welch's t on seed means;
 * Hedges' g; two one-sided tests within the plan's margin; one family for the correction. Arms are
 * never mixed: the runs are of one, which `defaultArm` chooses and the answer names.
 */
export function configurationsAnalysis(input: AnalysisInput): ConfigurationsAnalysis {
  const { spec } = input.sweep;
  const metric = describeMetric(chooseMetric(input), input);
  const sorted = sortRuns(input.runs, metric);
  const settings = settingsOf(spec);
  const cells = cellsOf(spec, sorted.used, metric.key);
  const samples = samplesBySeed(cells, spec);
  const arm = armOf(samples, spec);
  const first = firstListed(spec, cellsOf(spec, [...sorted.used, ...sorted.departed], metric.key));
  const ofArm = samples.filter((sample) => sample.arm === arm);
  const sideOf = ({ configurationLabel, seeds }: SeedSamples) => ({
    name: configurationLabel,
    runs: seeds.flatMap(({ sample }) => sample.runs),
    // Configurations without any other run are no side here.
    ...{ departed: 0, withoutMetric: 0 },
  });
  const [baseline] = ofArm.filter(({ configurationKey }) => configurationKey === first).map(sideOf);
  const others = ofArm.filter(({ configurationKey }) => configurationKey !== first).map(sideOf);
  const inPlan = isPlanned(input, metric.key, "configuration");
  const margin = spec.analysisPlan?.margin[metric.key] ?? null;
  const marginPlanned = margin !== null && input.sweep.analysisPlanDigest !== null;
  const bare = others.flatMap((other) => {
    if (!baseline) return [];
    const result = compareGroups(other, baseline, metric, {
      pairing: "auto",
      margin,
      alpha: settings.alpha,
    });
    return [{ result, metric, marginPlanned, planned: inPlan }];
  });
  const { comparisons, family } = judgeFamily(bare, settings);
  const single = singleRunVerdicts(cells);
  const arms = new Set(samples.map((sample) => sample.arm)).size;
  return {
    analysis: "configurations",
    provenance: provenanceOf(input, metric, sorted, {
      planned: inPlan,
      method: `Every configuration against the one listed first${baseline ? `, ${baseline.name}` : ""}: values at the selected epoch${arms > 1 ? ` of arm ${arm} (${defaultArmRule})` : ""}, repeats averaged within each seed, paired t over shared seeds, else Welch's t on seed means.`,
      correction: correctionWords(family, settings),
    }),
    verdicts:
      comparisons.length === 0
        ? (metric.check?.verdicts ?? [])
        : [
            ...leadingVerdicts(sorted),
            ...provisional(
              single.length > 0
                ? single
                : verdictsOf(comparisons, metric, inPlan).map((verdict) =>
                    arms > 1
                      ? { ...verdict, basis: [...verdict.basis, `Runs of arm ${arm}: ${defaultArmRule}.`] }
                      : verdict,
                  ),
              sorted,
            ),
          ],
    notes: [
      ...runNotes({ sorted, metric }),
      ...(baseline || others.length === 0
        ? []
        : [
            "No run of the configuration that is listed first can be used: there is nothing to compare the others with.",
          ]),
    ],
    table: comparisonTable(
      `Configurations${baseline ? ` against ${baseline.name}` : ""}: ${metric.label}`,
      comparisons,
      metric.unit || null,
    ),
    arm: arm ?? "",
    baseline: baseline?.name ?? "",
    comparisons,
    alpha: settings.alpha,
  };
}
