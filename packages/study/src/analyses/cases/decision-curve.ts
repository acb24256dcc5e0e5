import {
  type DecisionCurveAnalysis,
  type DecisionCurveRow,
  decodeNumber,
  type Verdict,
} from "@reprise/contracts";
import { clusteredProportion, netBenefit, predictiveValues } from "@reprise/statistics";
import { known } from "../cells.js";
import { leadingVerdicts, provisional } from "../general-verdicts.js";
import type { AnalysisInput } from "../input.js";
import { column, tableOf } from "../table.js";
import { aboutConfiguration, allOf, wholePercent } from "../words.js";
import { caseDesignOf } from "./case-design.js";
import {
  bandOf,
  leadingRows,
  overRunsOf,
  probabilitiesOf,
  type Scope,
  scopeColumns,
  scopeName,
  scopesOf,
} from "./scopes.js";

/** `prevalence`: in place of the planned one. */
export type DecisionCurveInput = AnalysisInput & { prevalence?: number };

const thresholds = Array.from({ length: 99 }, (_, at) => (at + 1) / 100);

/** The longest stretch of thresholds at which every run is better than treating all and treating none. */
function usefulOf(
  curves: readonly (readonly number[])[],
  all: readonly number[],
): DecisionCurveRow["useful"] {
  let best: [number, number] | null = null;
  let start: number | null = null;
  for (let at = 0; at <= thresholds.length; at++) {
    const useful =
      at < thresholds.length && curves.every((own) => (own[at] ?? 0) > Math.max(0, all[at] ?? 0) + 1e-12);
    if (useful) start ??= at;
    else if (start !== null) {
      if (!best || at - 1 - start > best[1] - best[0]) best = [start, at - 1];
      start = null;
    }
  }
  return best && { from: thresholds[best[0]] ?? 0, to: thresholds[best[1]] ?? 1 };
}

/** PPV and NPV of every run at the declared threshold rule, with the interval of those at the mean rates. */
function predictiveOf({ aligned }: Scope, prevalence: number): DecisionCurveRow["predictive"] {
  const { labels, runs } = aligned;
  const design = caseDesignOf(aligned);
  const rate = (positive: boolean) => {
    const { places, clusters } = positive ? design.positive : design.negative;
    const right = Array.from(
      places,
      (i) => runs.reduce((sum, { decided }) => sum + (decided[i] === labels[i] ? 1 : 0), 0) / runs.length,
    );
    const found = clusteredProportion(right, clusters);
    return { estimate: found.estimate, cases: found.effectiveCases };
  };
  const [sensitivity, specificity] = [rate(true), rate(false)];
  if (Number.isNaN(sensitivity.cases) || Number.isNaN(specificity.cases)) return null;
  const mean = predictiveValues(sensitivity, specificity, prevalence);
  const each = runs.map(({ figures }) =>
    predictiveValues(
      { estimate: figures.sensitivity ?? Number.NaN, cases: 1 },
      { estimate: figures.specificity ?? Number.NaN, cases: 1 },
      prevalence,
    ),
  );
  return {
    prevalence,
    ppv: {
      ...overRunsOf(each.map(({ ppv }) => ppv)),
      ...{ mean: known(mean.ppv), low: known(mean.ppvInterval[0]), high: known(mean.ppvInterval[1]) },
    },
    npv: {
      ...overRunsOf(each.map(({ npv }) => npv)),
      ...{ mean: known(mean.npv), low: known(mean.npvInterval[0]), high: known(mean.npvInterval[1]) },
    },
  };
}

function rowOf(scope: Scope, prevalence: number | null): DecisionCurveRow | null {
  const given = probabilitiesOf(scope.aligned);
  if (!given) return null;
  const { labels, scores, positive } = given;
  const found = scores.map((own) => netBenefit(labels, own, thresholds));
  const curves = found.map(({ model }) => model);
  const all = found[0]?.all ?? [];
  return {
    scope: scope.about,
    positiveClass: positive,
    prevalence: known(labels.reduce((sum, label) => sum + label, 0) / labels.length),
    thresholds,
    netBenefit: bandOf(curves),
    treatAll: all,
    useful: usefulOf(curves, all),
    predictive: prevalence === null ? null : predictiveOf(scope, prevalence),
  };
}

const percent = (value: number) => `${Number((100 * value).toPrecision(3))} %`;

function verdictOf({ scope, useful, predictive, positiveClass }: DecisionCurveRow): Verdict {
  const all = allOf(scope.runs);
  const runs = scope.runs === 1 ? "the run has" : `${all} runs have`;
  const where = useful
    ? `${runs} a higher net benefit than treating all or none at thresholds from ${wholePercent(useful.from)} to ${wholePercent(useful.to)}`
    : `at no threshold ${scope.runs === 1 ? "does the run have" : `do ${all} runs have`} a higher net benefit than treating all or none`;
  const ppv = predictive?.ppv;
  const value = (of: DecisionCurveRow["prevalence"]) => (of === null ? Number.NaN : decodeNumber(of));
  const predicted =
    predictive && ppv && ppv.mean !== null
      ? ` At a prevalence of ${percent(predictive.prevalence)}, ${percent(value(ppv.mean))} of the cases that are called ${positiveClass} are ${positiveClass} (95 % interval ${percent(value(ppv.low))} to ${percent(value(ppv.high))}).`
      : "";
  return {
    kind: "spread",
    tone: useful ? "neutral" : "attention",
    ...aboutConfiguration(scope.configurationLabel, `${scopeName(scope)}: ${where}.${predicted}`, {
      joint: ", ",
    }),
    basis: [
      "Net benefit at the prevalence of the test split (Vickers and Elkin 2006); the right threshold depends on the harm of a false positive relative to that of a missed case, not on the data.",
    ],
  };
}

/**
 * What deciding by the scores is worth, per configuration and arm: decision curves with the range between runs, and predictive values at
 * the prevalence that the analysis plan states (or `prevalence`), by the declared threshold rule.
 */
export function decisionCurveAnalysis(input: DecisionCurveInput): DecisionCurveAnalysis {
  const planned = input.sweep.spec.analysisPlan?.prevalence;
  const stated = input.prevalence ?? planned ?? null;
  const { scopes, shared, sorted } = scopesOf(input, {
    method:
      "Net benefit at thresholds from 1 to 99 % (Vickers and Elkin 2006), mean and range over runs; predictive values by Bayes' theorem at the stated prevalence, intervals on the logit scale (Mercaldo et al. 2007) at the effective number of cases.",
    correction: "Descriptive: no test is made, and intervals are not corrected for multiplicity.",
  });
  const rows = scopes.flatMap((scope) => rowOf(scope, stated) ?? []);
  const notes = [...shared.notes];
  if (stated === null && rows.length > 0)
    notes.push(
      "No prevalence is stated, so there are no predictive values: those of the test split would hold only for its mixture of patients. State analysisPlan.prevalence, or ask with ?prevalence=0.02.",
    );
  if (input.prevalence !== undefined && input.prevalence !== planned)
    notes.push(
      input.sweep.spec.analysisPlan
        ? "The prevalence is not that of the analysis plan: it was given with this request."
        : "The prevalence was given with this request; the study has no analysis plan.",
    );
  const decided = (key: "ppv" | "npv", words: string) => [
    column<DecisionCurveRow>(
      `${key}Mean`,
      key.toUpperCase(),
      "fraction",
      `${words} at the mean rates`,
      (row) => row.predictive?.[key].mean ?? null,
    ),
    column<DecisionCurveRow>(
      `${key}Low`,
      `${key.toUpperCase()} low`,
      "fraction",
      "Its 95 % interval, lower end",
      (row) => row.predictive?.[key].low ?? null,
    ),
    column<DecisionCurveRow>(
      `${key}High`,
      `${key.toUpperCase()} high`,
      "fraction",
      "Its upper end",
      (row) => row.predictive?.[key].high ?? null,
    ),
    column<DecisionCurveRow>(
      `${key}Sd`,
      `SD ${key.toUpperCase()}`,
      "fraction",
      "Standard deviation between runs",
      (row) => row.predictive?.[key].sd ?? null,
    ),
  ];
  const at = (threshold: number) =>
    column<DecisionCurveRow>(
      `netBenefit${threshold}`,
      `NB ${threshold} %`,
      null,
      `Net benefit at a threshold of ${threshold} %, mean over runs`,
      (row) => row.netBenefit.mean[threshold - 1] ?? null,
    );
  return {
    analysis: "decisionCurve",
    ...shared,
    verdicts: [...leadingVerdicts(sorted), ...provisional(leadingRows(rows).map(verdictOf), sorted)],
    notes,
    table: tableOf<DecisionCurveRow>(
      "Net benefit and predictive values",
      [
        ...scopeColumns<DecisionCurveRow>(({ scope }) => scope),
        column(
          "prevalence",
          "Prevalence",
          "fraction",
          "Share of positive test cases",
          (row) => row.prevalence,
        ),
        ...[5, 10, 20, 50].map(at),
        column(
          "usefulFrom",
          "Useful from",
          "fraction",
          "Lowest threshold at which every run is better than treating all or none",
          (row) => row.useful?.from ?? null,
        ),
        column("usefulTo", "to", "fraction", "Highest such threshold", (row) => row.useful?.to ?? null),
        ...(stated === null
          ? []
          : [...decided("ppv", "Positive predictive value"), ...decided("npv", "Negative predictive value")]),
      ],
      rows,
    ),
    prevalence: stated === null ? null : { value: stated, planned: stated === planned },
    rows,
  };
}
