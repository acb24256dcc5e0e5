import {
  type AnalysisPlan,
  clipped,
  type DeclaredMetric,
  decodeNumber,
  type Environment,
  externalTrainer,
  isNoResult,
  type LadderCounts,
  type MetricFacts,
  type MetricSeries,
  metricFacts,
  type Predictions,
  type Provenance,
  type ReferenceStudy,
  type Run,
  type RunEvidence,
  type Sweep,
} from "@reprise/contracts";
import { departureWords, hasDeparted, isOneDeparted } from "../claims/departures.js";
import { alikeNotes } from "../design/one-in-effect.js";
import { divergedNotes, hasDiverged } from "./diverged.js";
import { checkMetric, seenIn } from "./metric-check.js";
import type { MetricCheck, MetricWords } from "./metric-words.js";

/** What every analysis reads. All of it is plain data: the caller has fetched it. */
export type AnalysisInput = {
  sweep: Pick<Sweep, "id" | "name" | "spec" | "specDigest" | "analysisPlanDigest"> &
    Partial<Pick<Sweep, "sequential">>;
  /** All study runs of the sweep, whatever their status. */
  runs: readonly Run[];
  /** Metric to analyse; the plan's primary metric when absent. */
  metric?: string;
  /** What the trainer announced and the study declares of metrics, for names and units. */
  metrics?: readonly DeclaredMetric[];
  /** Name and version, for the record: "Reprise 0.1.0". */
  software: string;
  /** Predictions on the test split by run id; only the classification analysis needs them. */
  predictions?: ReadonlyMap<string, Predictions>;
  /** Answers to zero-shot questions on the test split, by question and run id; only the classification analysis needs them. */
  questions?: ReadonlyMap<string, ReadonlyMap<string, Predictions>>;
  /** Published studies to lay zero-shot figures beside; only the classification analysis needs them. */
  references?: readonly ReferenceStudy[];
  /** What the records of runs that have ended say of data, weights and predictions, by run id; to find contradictions. */
  evidence?: ReadonlyMap<string, RunEvidence>;
  /** Values of the environments that runs name, by id. */
  environments?: ReadonlyMap<string, Environment["values"]>;
  /** Histories of the metric by run id; only the curves need them. */
  series?: ReadonlyMap<string, MetricSeries>;
  /** Of some runs that have ended, by run id, at least one of every configuration and arm; only the curves need them. */
  ladders?: ReadonlyMap<string, LadderCounts>;
};

/** Characters of a metric's name in a sentence; whole it stands in the data. */
const longestLabel = 64;

/** Label and unit of a metric: as declared, or guessed from its name and not contradicted by its values in the runs. */
export function describeMetric(
  key: string,
  { metrics = [], runs }: Partial<Pick<AnalysisInput, "metrics" | "runs">> = {},
): MetricWords {
  const checked = checkMetric(key, metrics, seenIn(runs ?? [], key));
  return { ...wordsOf(checked.facts), ...(runs ? { check: checked.check } : {}) };
}

/** A metric in the words of a sentence. */
export function wordsOf({ key, label, unit, direction, chosenOn }: MetricFacts): MetricWords {
  // A name that nobody explained is kept as it is; explanations in brackets are for forms, not for sentences.
  const words = label === key ? label : lowerFirst(label.replace(/\s*\(.*\)$/, ""));
  return { key, label: clipped(words, longestLabel), unit, direction, ...(chosenOn && { chosenOn }) };
}

/** "Test accuracy" within a sentence; abbreviations such as "AUC" keep their capitals. */
function lowerFirst(label: string): string {
  return /^[A-Z][a-z]/.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
}

/**
 * Rates before losses, of the test data before the validation data; what is measured on training data comes after these, and
 * last what a logger tells beside results.
 */
function reportedFirst(keys: readonly string[], metrics: readonly DeclaredMetric[]): string[] {
  const splits = ["test", "validation", null, "train"];
  const facts = new Map(keys.map((key) => [key, metricFacts(key, metrics)]));
  const rank = (key: string) => {
    const { loss = false, split = null } = facts.get(key) ?? {};
    const isTrained = split === "train" ? 1 : 0;
    return [isNoResult(key) ? 1 : 0, isTrained, loss ? 1 : 0, splits.indexOf(split)].reduce(
      (sum, n) => 10 * sum + n,
    );
  };
  return keys.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** The metric asked for, else the planned one, else the first of the usual ones that the runs have. */
export function chooseMetric({ sweep, runs, metric, metrics = [] }: AnalysisInput): string {
  if (metric) return metric;
  const planned = sweep.spec.analysisPlan?.primaryMetric;
  if (planned) return planned;
  const present = new Set(runs.flatMap((run) => Object.keys(run.summary)));
  const usual = ["testAccuracy", "validationAccuracy", "testLoss", "validationLoss"];
  return usual.find((key) => present.has(key)) ?? reportedFirst([...present], metrics)[0] ?? "testAccuracy";
}

/** A metric of a run at its selected epoch, or its last value where none was selected; null when it was not measured. */
export function metricOf(run: Run, key: string): number | null {
  const summary = run.summary[key];
  if (!summary) return null;
  return decodeNumber(summary.selected ?? summary.last);
}

/** Runs by what an analysis does with them. */
export type SortedRuns = {
  used: Run[];
  excluded: Run[];
  pending: Run[];
  failed: Run[];
  /** Given up by a sampler because of what they had reported: no results, and no failures. */
  pruned: Run[];
  withoutMetric: Run[];
  /** Runs whose values of the metric are not compared, because they are on different scales. */
  refused: Run[];
  /** Succeeded but diverged, where an analysis leaves such runs out; else they are among those used. */
  apart: Run[];
  /** Seen to run otherwise than requested: no evidence for their arm, and in no figure of it. */
  departed: Run[];
  check: MetricCheck | null;
};

/**
 * @param metric the metric that runs must have; null where an analysis reads something else
 * @param diverged whether diverged runs are among those used, or stand apart
 */
export function sortRuns(
  runs: readonly Run[],
  metric: Pick<MetricWords, "key" | "check"> | null,
  diverged: "used" | "apart" = "used",
): SortedRuns {
  const sorted: SortedRuns = {
    ...{
      used: [],
      excluded: [],
      pending: [],
      failed: [],
      pruned: [],
      withoutMetric: [],
      refused: [],
      apart: [],
      departed: [],
    },
    check: metric?.check ?? null,
  };
  for (const run of runs.filter(({ purpose }) => purpose === "study")) {
    if (run.excludedReason !== null) sorted.excluded.push(run);
    else if (run.status === "queued" || run.status === "running") sorted.pending.push(run);
    else if (run.status === "pruned") sorted.pruned.push(run);
    else if (run.status !== "succeeded") sorted.failed.push(run);
    else if (metric !== null && metricOf(run, metric.key) === null) sorted.withoutMetric.push(run);
    else if (hasDeparted(run)) sorted.departed.push(run);
    else if (metric?.check?.refusal) sorted.refused.push(run);
    else if (diverged === "apart" && hasDiverged(run)) sorted.apart.push(run);
    else sorted.used.push(run);
  }
  return sorted;
}

/** True when the plan that was hashed at creation names this metric (primary, or with a margin) and contrast. */
export function isPlanned(
  { sweep }: Pick<AnalysisInput, "sweep">,
  metric: string,
  contrast: AnalysisPlan["contrasts"][number],
): boolean {
  const plan = sweep.spec.analysisPlan;
  if (!plan || sweep.analysisPlanDigest === null) return false;
  return (plan.primaryMetric === metric || metric in plan.margin) && plan.contrasts.includes(contrast);
}

/** What stands above every table. `planned`, `method` and `correction` are the analysis' own. */
export function provenanceOf(
  input: AnalysisInput,
  metric: MetricWords,
  sorted: SortedRuns,
  own: Pick<Provenance, "planned" | "method" | "correction">,
): Provenance {
  const { sweep, software } = input;
  return {
    sweepId: sweep.id,
    sweepName: sweep.name,
    specDigest: sweep.specDigest,
    analysisPlanDigest: sweep.analysisPlanDigest,
    metric: metric.key,
    metricLabel: metric.label,
    metricUnit: metric.unit,
    metricKnown: metric.check ? { unit: metric.check.by.unit, direction: metric.check.by.direction } : null,
    metricChosenOn: metric.chosenOn ?? null,
    runsUsed: sorted.used.length,
    runsExcluded: sorted.excluded.map((run) => ({ runId: run.id, reason: run.excludedReason ?? "" })),
    runsPending: sorted.pending.length,
    software,
    ...own,
  };
}

/**
 * Runs that were added when results of others were in already. With a fixed design none are; where somebody looked and
 * then extended, p-values of a fixed sample no longer hold their level.
 */
function runsAddedLater(runs: readonly Run[]): Run[] {
  const planned = runs.filter(({ purpose, trainer }) => purpose === "study" && trainer !== externalTrainer);
  const ends = planned.flatMap(({ endedAt, status }) => (endedAt && status === "succeeded" ? [endedAt] : []));
  const first = ends.toSorted()[0];
  return first === undefined ? [] : planned.filter(({ createdAt }) => createdAt > first);
}

/** How the note begins that a sequential study replaces by one of its own. */
export const addedLater = "added after the first results were in.";

/** " at step 3", " at steps 3 to 17"; empty where no step is known. */
function prunedSteps(runs: readonly Run[]): string {
  const steps = runs.flatMap(({ prunedAtStep }) => prunedAtStep ?? []);
  if (steps.length === 0) return "";
  const [least, most] = [Math.min(...steps), Math.max(...steps)];
  return least === most ? ` at step ${least}` : ` at steps ${least} to ${most}`;
}

/** Plain lines about runs that are not in the figures, or came to be in them after others had shown results. */
export function runNotes({ sorted, metric }: { sorted: SortedRuns; metric: MetricWords }): string[] {
  const notes = [...divergedNotes(sorted), ...(metric.check?.notes ?? [])];
  const ended = [...sorted.used, ...sorted.departed];
  const departed = departureWords(ended);
  if (departed !== null)
    notes.push(
      `${departed}: ${isOneDeparted(ended) ? "it is not evidence for the arm that was requested, and is" : "they are not evidence for the arm that was requested, and are"} left out here.`,
    );
  const later = runsAddedLater([...ended, ...sorted.failed]);
  if (later.length > 0) {
    notes.push(
      `${later.length} of the runs ${later.length === 1 ? "was" : "were"} ${addedLater} If the results were the reason, tests reject more often than their nominal level: treat such a study as exploratory, or continue it as a sequential study.`,
    );
  }
  const count = (runs: readonly Run[]) => `${runs.length} ${runs.length === 1 ? "run" : "runs"}`;
  if (sorted.failed.length > 0) {
    const cancelled = sorted.failed.filter((run) => run.status === "cancelled").length;
    const failed = sorted.failed.length - cancelled;
    const parts = [failed > 0 ? `${failed} failed` : "", cancelled > 0 ? `${cancelled} cancelled` : ""];
    notes.push(
      `${count(sorted.failed)} without a result (${parts.filter(Boolean).join(", ")}): if failure depended on the outcome, the remaining runs are a biased sample.`,
    );
  }
  if (sorted.pruned.length > 0) {
    notes.push(
      `${count(sorted.pruned)} pruned${prunedSteps(sorted.pruned)}: a sampler stopped them because of what they had reported. They enter no figure. The remaining runs were selected by their results, so their means do not describe the configurations.`,
    );
  }
  if (sorted.excluded.length > 0) {
    const reasons = [...new Set(sorted.excluded.map((run) => run.excludedReason))].join("; ");
    notes.push(`${count(sorted.excluded)} excluded by hand: ${reasons}.`);
  }
  if (sorted.withoutMetric.length > 0) {
    notes.push(`${count(sorted.withoutMetric)} ended without ${metric.label}.`);
  }
  return [...notes, ...alikeNotes(sorted.used), ...(metric.check?.guesses ?? [])];
}

/** Of a run that answers several questions, an analysis of one answer per case sees the first: said where it is so. */
export function questionNotes(predictions: AnalysisInput["predictions"]): string[] {
  const asked = [...(predictions?.values() ?? [])].find(({ question }) => question)?.question;
  return asked ? [`This concerns the evaluation set ${asked}, the first by name.`] : [];
}
