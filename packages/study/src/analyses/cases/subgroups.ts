import {
  decodeNumber,
  type SubgroupRow,
  type SubgroupsAnalysis,
  type Verdict,
  type WireNumber,
} from "@reprise/contracts";
import { areaUnderRoc, mean, modelVariance, summarize } from "@reprise/statistics";
import { known } from "../cells.js";
import { leadingVerdicts, provisional } from "../general-verdicts.js";
import type { AnalysisInput } from "../input.js";
import { column, tableOf } from "../table.js";
import { aboutConfiguration, joinWords } from "../words.js";
import { groupedBy } from "./case-groups.js";
import { type AlignedRuns, samplingOf } from "./sampling.js";
import { leadingRows, type Scope, scopeColumns, scopeName, scopesOf } from "./scopes.js";

/** More values than this in a column are no subgroups but names. */
const mostValues = 20;
type RateName = "accuracy" | "sensitivity" | "specificity" | "auc";
type Rate = SubgroupRow["accuracy"];

/** The same runs on some of their cases. */
function among(aligned: AlignedRuns, kept: readonly number[]): AlignedRuns {
  const of = <T>(all: readonly T[]): T[] => kept.flatMap((i) => (all[i] === undefined ? [] : [all[i] as T]));
  return {
    ...aligned,
    ids: of(aligned.ids),
    labels: of(aligned.labels),
    grouping: aligned.grouping && groupedBy(aligned.grouping.name, of(aligned.grouping.of)),
    runs: aligned.runs.map((run) => ({ ...run, decided: of(run.decided), scores: of(run.scores) })),
  };
}

/** A rate of every run. */
function ratesOf({ labels, positiveClass, runs }: AlignedRuns, rate: RateName): number[] {
  const meant = (label: number) =>
    rate === "accuracy" || (rate === "sensitivity") === (label === positiveClass);
  return runs.map(({ decided, scores }) => {
    if (rate === "auc") {
      const own = scores.map((row) => row[positiveClass ?? 0] ?? Number.NaN);
      return areaUnderRoc(labels, own, positiveClass ?? 0);
    }
    const own = labels.flatMap((label, i) => (meant(label) ? [decided[i] === label ? 1 : 0] : []));
    return own.length === 0 ? Number.NaN : mean(own);
  });
}

const rateNames = ["accuracy", "sensitivity", "specificity", "auc"] as const;

/** SD between runs of every rate. */
function spreadsOf(aligned: AlignedRuns): Record<RateName, number> {
  const sdOf = (rate: RateName) => {
    const values = ratesOf(aligned, rate).filter(Number.isFinite);
    return values.length < 2 ? Number.NaN : summarize(values).sd;
  };
  const [accuracy = Number.NaN, sensitivity = Number.NaN, specificity = Number.NaN, auc = Number.NaN] =
    rateNames.map(sdOf);
  return { accuracy, sensitivity, specificity, auc };
}

/** Every rate of some cases, its spread held against that of all. */
function ratesWithin(part: AlignedRuns, all: Record<RateName, number>): Record<RateName, Rate | null> {
  const [sampled, sds] = [samplingOf(part), spreadsOf(part)];
  const of = (rate: RateName): Rate | null => {
    const own = sampled[rate];
    return (
      own && {
        ...{ mean: own.estimate, low: own.low, high: own.high },
        sd: known(sds[rate]),
        sdRatio: all[rate] > 0 ? known(sds[rate] / all[rate]) : null,
      }
    );
  };
  const [accuracy = null, sensitivity = null, specificity = null, auc = null] = rateNames.map(of);
  return { accuracy, sensitivity, specificity, auc };
}

function rowOf(
  scope: Scope,
  columnName: string,
  value: string | null,
  kept: readonly number[],
  spreads: Record<RateName, number>,
): SubgroupRow | null {
  const { aligned, about } = scope;
  const part = value === null ? aligned : among(aligned, kept);
  const { accuracy, ...others } = ratesWithin(part, spreads);
  if (!accuracy) return null;
  const { positiveClass, labels, runs, grouping } = part;
  const right = runs.map(({ decided }) => labels.map((label, i) => (decided[i] === label ? 1 : 0)));
  return {
    scope: about,
    column: columnName,
    value,
    cases: labels.length,
    positives: positiveClass === null ? null : labels.filter((label) => label === positiveClass).length,
    clusters: grouping?.clusters.count ?? null,
    accuracy,
    ...others,
    testSetSd: known(Math.sqrt(modelVariance(right, grouping?.clusters ?? null).testSet)),
  };
}

/** Columns of the cases that the first run of a scope told. */
function columnsOf({ aligned }: Scope): [string, readonly string[]][] {
  const told = aligned.runs[0]?.figures.predictions?.subgroups ?? {};
  return Object.entries(told);
}

const points = (value: WireNumber | null) => (value === null ? Number.NaN : 100 * decodeNumber(value));

function verdictOf(rows: readonly SubgroupRow[]): Verdict[] {
  const whole = rows.find(({ value }) => value === null);
  const parts = rows.filter(({ value }) => value !== null);
  if (!whole || parts.length < 2) return [];
  const words = parts.map(
    ({ value, accuracy, cases }) =>
      `${value} ${points(accuracy.mean).toFixed(1)} % [${points(accuracy.low).toFixed(1)}, ${points(accuracy.high).toFixed(1)}] (${cases} cases${accuracy.sd === null ? "" : `, SD ${points(accuracy.sd).toFixed(1)} pp`})`,
  );
  const { scope } = whole;
  const spread =
    whole.accuracy.sd === null ? "" : `; over all cases the SD is ${points(whole.accuracy.sd).toFixed(1)} pp`;
  return [
    {
      kind: "spread",
      tone: "neutral",
      ...aboutConfiguration(
        scope.configurationLabel,
        `${scopeName(scope)}: test accuracy by ${whole.column}: ${joinWords(words)}${spread}.`,
        { joint: ", " },
      ),
      basis: [
        "95 % intervals of the mean of these runs for other cases of the subgroup; SD between runs. No test of a difference between subgroups is made.",
        "A smaller subgroup varies more between runs because of its size alone; the table gives the SD that its size accounts for (Zhuang et al. 2022 compare the two).",
      ],
    },
  ];
}

/**
 * Results by each declared column of the data set, with the SD between runs of every subgroup against that of all cases.
 * Source: Zhuang, Zhang, Song & Hooker (2022), Randomness in neural network training: characterizing the impact of tooling.
 */
export function subgroupsAnalysis(input: AnalysisInput): SubgroupsAnalysis {
  const { scopes, shared, sorted } = scopesOf(input, {
    method:
      "Rates at the declared threshold by subgroup; 95 % intervals of the mean of the runs for other cases of the subgroup; SD between runs, over that of all cases; the SD that a test set of this size accounts for by Jordan (2023).",
    correction: "Descriptive: no test is made, and intervals are not corrected for multiplicity.",
  });
  const notes = [...shared.notes];
  const tooMany = new Set<string>();
  const groups = scopes.flatMap((scope) =>
    columnsOf(scope).flatMap(([name, values]): SubgroupRow[][] => {
      const distinct = [...new Set(values)].sort();
      if (distinct.length > mostValues) tooMany.add(name);
      if (distinct.length > mostValues || values.length !== scope.aligned.ids.length) return [];
      const spreads = spreadsOf(scope.aligned);
      const whole = rowOf(scope, name, null, [], spreads);
      const parts = distinct.flatMap(
        (value) =>
          rowOf(
            scope,
            name,
            value,
            values.flatMap((own, i) => (own === value ? [i] : [])),
            spreads,
          ) ?? [],
      );
      return whole ? [[whole, ...parts]] : [];
    }),
  );
  for (const name of tooMany)
    notes.push(
      `Column ${name} has more than ${mostValues} values, which are names rather than subgroups: it is left out.`,
    );
  const rows = groups.flat();
  if (rows.length === 0 && scopes.length > 0)
    notes.push(
      "No subgroups are known. A data set declares them as columns (subgroups), other programs send them with their predictions.",
    );
  const leading = leadingRows(rows);
  const rates = [
    ["accuracy", "Acc."],
    ["sensitivity", "Sens."],
    ["specificity", "Spec."],
    ["auc", "AUC"],
  ] as const;
  return {
    analysis: "subgroups",
    ...shared,
    verdicts: [
      ...leadingVerdicts(sorted),
      ...provisional(groups.filter(([row]) => row && leading.includes(row)).flatMap(verdictOf), sorted),
    ],
    notes,
    table: tableOf<SubgroupRow>(
      "Results by subgroup",
      [
        ...scopeColumns<SubgroupRow>(({ scope }) => scope),
        column("column", "Column", null, "Column of the data set", (row) => row.column),
        column("value", "Subgroup", null, "Its value; all: all cases", (row) => row.value ?? "all"),
        column("cases", "Cases", null, "Test cases", (row) => row.cases),
        column("clusters", "Clusters", null, "Patients or other groups of the cases", (row) => row.clusters),
        ...rates.flatMap(([rate, label]) => [
          column<SubgroupRow>(
            `${rate}Mean`,
            label,
            "fraction",
            `Mean ${rate} over runs`,
            (row) => row[rate]?.mean ?? null,
          ),
          column<SubgroupRow>(
            `${rate}Low`,
            `${label} low`,
            "fraction",
            "Its 95 % interval, lower end",
            (row) => row[rate]?.low ?? null,
          ),
          column<SubgroupRow>(
            `${rate}High`,
            `${label} high`,
            "fraction",
            "Its upper end",
            (row) => row[rate]?.high ?? null,
          ),
          column<SubgroupRow>(
            `${rate}Sd`,
            `SD ${label}`,
            "fraction",
            "Standard deviation between runs",
            (row) => row[rate]?.sd ?? null,
          ),
        ]),
        column(
          "sdRatio",
          "SD ratio",
          null,
          "SD of accuracy over that of all cases",
          (row) => row.accuracy.sdRatio,
        ),
        column(
          "testSetSd",
          "SD by size",
          "fraction",
          "What of the SD of accuracy a test set of this size makes by itself",
          (row) => row.testSetSd,
        ),
      ],
      rows,
    ),
    rows,
  };
}
