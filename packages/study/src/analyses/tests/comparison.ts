import type {
  ComparedSummary,
  ComparisonAnswer,
  ComparisonRequest,
  DeclaredMetric,
  Run,
} from "@reprise/contracts";
import { defaultArm, defaultArmRule, encodeNumber } from "@reprise/contracts";
import { guardedConfidence, meanInterval, summarize, withinRange } from "@reprise/statistics";
import { claimNotes } from "../../claims/judged-by-claims.js";
import { alikeNotes } from "../../design/one-in-effect.js";
import { known } from "../cells.js";
import { divergedAmong, divergedUse, divergedWords } from "../diverged.js";
import { type AnalysisInput, isPlanned, sortRuns, wordsOf } from "../input.js";
import { checkAcross } from "../metric-across-studies.js";
import { seenIn } from "../metric-check.js";
import type { MetricWords } from "../metric-words.js";
import { afterColon, correctionNames, counted, joinWords } from "../words.js";
import { comparisonTable, judgeFamily } from "./comparison-family.js";
import { type ComparedRuns, compareGroups, withoutCopies } from "./comparison-tests.js";
import { comparedCells, seedMeans } from "./comparison-units.js";
import { settingsOf, type TestSettings } from "./significance-tests.js";

export type ComparisonInput = {
  request: ComparisonRequest;
  /** In the order of the request; `runs` are those that the filter finds, whatever their status. */
  groups: readonly {
    name: string;
    sweep: AnalysisInput["sweep"];
    filter: string;
    /** The filter asks for values of metrics. */
    selectsByMetric: boolean;
    runs: readonly Run[];
    /** What its trainer announced and its study declares of metrics. */
    metrics?: readonly DeclaredMetric[];
  }[];
  software: string;
};

type Group = ComparisonInput["groups"][number];

/** The one sweep that all groups come from, or null. */
function commonSweep(groups: readonly Group[]): AnalysisInput["sweep"] | null {
  const [first] = groups;
  return first && groups.every(({ sweep }) => sweep.id === first.sweep.id) ? first.sweep : null;
}

const setOf = (runs: readonly Run[], keyOf: (run: Run) => string) => [...new Set(runs.map(keyOf))].toSorted();

/** Which contrast of a plan two groups stand for: arms within configurations, configurations within arms, or neither. */
function contrastOf(a: ComparedRuns, b: ComparedRuns): "mode" | "configuration" | null {
  const arms = [a, b].map(({ runs }) => setOf(runs, ({ arm }) => arm));
  const configurations = [a, b].map(({ runs }) => setOf(runs, ({ configurationKey }) => configurationKey));
  const equal = ([x, y]: string[][]) => JSON.stringify(x) === JSON.stringify(y);
  const disjoint = ([x = [], y = []]: string[][]) => !x.some((key) => y.includes(key));
  if (equal(configurations) && disjoint(arms)) return "mode";
  return equal(arms) && disjoint(configurations) ? "configuration" : null;
}

function pairsOf(groups: readonly Group[], baseline: string | undefined): [Group, Group][] {
  const against = groups.find(({ name }) => name === baseline);
  if (against) return groups.filter((group) => group !== against).map((group) => [group, against]);
  return groups.flatMap((a, i) => groups.slice(i + 1).map((b): [Group, Group] => [a, b]));
}

const noInterval: [number, number] = [Number.NaN, Number.NaN];

/** A metric as the groups share it. */
function describeAcross(key: string, groups: readonly Group[]): MetricWords {
  const studies = [...new Map(groups.map(({ sweep }) => [sweep.id, sweep])).values()].map(({ id, name }) => {
    const members = groups.filter(({ sweep }) => sweep.id === id);
    const runs = new Map(members.flatMap((group) => group.runs.map((run) => [run.id, run])));
    return { name, metrics: members[0]?.metrics ?? [], seen: seenIn([...runs.values()], key) };
  });
  const { facts, check } = checkAcross(key, studies);
  return { ...wordsOf(facts), check };
}

function summaryOf(group: ComparedRuns, metric: MetricWords): ComparedSummary {
  const cells = comparedCells(withoutCopies(group.runs), metric.key);
  const units = seedMeans(cells);
  const { mean, sd, min, max } = summarize(units);
  // Values on two scales have no mean, and an interval of a mean is for one kind of result.
  const mixed = metric.check?.refusal && min <= 1 && max > 1;
  const enough = units.length > 1 && sd > 0 && !mixed && divergedAmong(group.runs) === 0;
  const [low, high] = enough
    ? withinRange(meanInterval(units, guardedConfidence.mean), metric.check?.range)
    : noInterval;
  return {
    group: group.name,
    metric: metric.key,
    runs: group.runs.length,
    diverged: divergedAmong(group.runs),
    configurations: new Set(cells.map(({ configurationKey }) => configurationKey)).size,
    seeds: units.length,
    units: units.length,
    mean: mixed ? null : known(mean),
    sd: units.length < 2 || mixed ? null : known(sd),
    interval: { low: known(low), high: known(high) },
    points: units.length === 2 ? units.map(encodeNumber) : null,
    min: known(min),
    max: known(max),
  };
}

/** Groups that mix arms are named: a difference between arms is then part of their spread. */
function mixedArmNotes(groups: readonly Group[]): string[] {
  const mixed = groups
    .map(({ name, sweep, runs }) => ({ name, spec: sweep.spec, used: sortRuns(runs, null).used }))
    .filter(({ used }) => setOf(used, ({ arm }) => arm).length > 1);
  const [first] = mixed;
  if (!first) return [];
  const arms = setOf(first.used, ({ arm }) => arm);
  const arm = defaultArm(
    first.spec,
    arms.map((name) => {
      const runs = first.used.filter((run) => run.arm === name);
      const cells = setOf(runs, ({ configurationKey, seed }) => `${configurationKey} ${seed}`).length;
      return { arm: name, runs: runs.length, cells };
    }),
  );
  return [
    `${mixed.length === 1 ? "Group" : "Groups"} ${joinWords(mixed.map(({ name }) => name))} ${mixed.length === 1 ? "mixes" : "mix"} runs of arms ${joinWords(arms)}, averaged within each seed. The study's own analyses of configurations take arm ${arm} alone (${defaultArmRule}): add “and arm = '${arm}'” to the filters for the same.`,
  ];
}

function notesOf(input: ComparisonInput, sweep: AnalysisInput["sweep"] | null): string[] {
  const { groups } = input;
  const diverged = groups.flatMap(({ name, runs }) => {
    const words = divergedWords(sortRuns(runs, null).used);
    return words === null ? [] : [`In group ${name}, ${afterColon(words)}. ${divergedUse}`];
  });
  const selected = groups.filter(({ selectsByMetric }) => selectsByMetric).map(({ name }) => name);
  return [
    ...diverged,
    ...(selected.length > 0
      ? [
          `${selected.join(" and ")} ${selected.length === 1 ? "is" : "are"} selected by results. A group chosen for its values differs from others by selection, so no test of it keeps its level.`,
        ]
      : []),
    ...(sweep
      ? []
      : [
          "The groups come from different sweeps: whatever else differs between these (data, code, machines, time) is part of the difference.",
        ]),
    ...mixedArmNotes(groups),
    "Deterministic repeats with equal digests enter as one observation.",
    ...alikeNotes(groups.flatMap(({ runs }) => sortRuns(runs, null).used)),
  ];
}

/**
 * Compares groups of runs on metrics: paired on seed (and configuration) where runs allow it, Welch's t on seed means
 * otherwise, with Hedges' g, equivalence within the margin, and one family of tests for all pairs and metrics of the request.
 * Whatever is not a contrast of the hashed plan is called exploratory.
 */
export function compareRuns(input: ComparisonInput): ComparisonAnswer {
  const { request, groups } = input;
  const sweep = commonSweep(groups);
  const settings: TestSettings = settingsOf(sweep?.spec ?? {});
  const words = request.metrics.map((key) => describeAcross(key, groups));
  const usable = (group: Group, metric: MetricWords): ComparedRuns => {
    // Values that are not compared with each other are still told of.
    const { used, departed, withoutMetric } = sortRuns(group.runs, { key: metric.key });
    const [departures, lacking] = [departed.length, withoutMetric.length];
    return { name: group.name, runs: used, departed: departures, withoutMetric: lacking };
  };
  const plannedMargin = (key: string) =>
    sweep?.analysisPlanDigest ? sweep.spec.analysisPlan?.margin[key] : undefined;
  const bare = words.flatMap((metric) =>
    pairsOf(groups, request.baseline).map(([first, second]) => {
      const [a, b] = [usable(first, metric), usable(second, metric)];
      const contrast = contrastOf(a, b);
      const margin = request.margin[metric.key] ?? plannedMargin(metric.key) ?? null;
      const marginPlanned = margin !== null && margin === plannedMargin(metric.key);
      const inPlan =
        sweep !== null &&
        contrast !== null &&
        request.pairing === "auto" &&
        !first.selectsByMetric &&
        !second.selectsByMetric &&
        isPlanned({ sweep }, metric.key, contrast);
      const { pairing } = request;
      const result = compareGroups(a, b, metric, { pairing, margin, alpha: settings.alpha });
      return { result, metric, marginPlanned, planned: inPlan };
    }),
  );
  const { comparisons, family } = judgeFamily(bare, settings);
  const sorted = groups.map(({ runs }) => sortRuns(runs, null));
  return {
    groups: groups.map((group) => {
      const { excluded, pending, failed } = sortRuns(group.runs, null);
      return {
        name: group.name,
        sweepId: group.sweep.id,
        sweepName: group.sweep.name,
        filter: group.filter,
        arms: setOf(sortRuns(group.runs, null).used, ({ arm }) => arm),
        runIds: sortRuns(group.runs, null).used.map(({ id }) => id),
        excluded: excluded.map((run) => ({ runId: run.id, reason: run.excludedReason ?? "" })),
        pending: pending.length,
        withoutResult: failed.length,
      };
    }),
    summaries: words.flatMap((metric) => groups.map((group) => summaryOf(usable(group, metric), metric))),
    comparisons,
    alpha: settings.alpha,
    correction:
      family === 0
        ? "No test could be made."
        : settings.correction === "none"
          ? `No correction over ${counted(family, "test")}.`
          : `${correctionNames[settings.correction]} over ${counted(family, "test")}: all pairs and metrics of this request. Intervals and equivalence are not corrected; families of other requests are not known here.`,
    family,
    method:
      "Values at the selected epoch. Repeats are averaged within configuration and seed before any test; paired t over shared seeds, else Welch's t on seed means.",
    metrics: words.map(({ key, label, unit, check }) => ({
      ...{ key, label, unit, known: check?.by.unit ?? "unknown", range: check?.range ?? null },
    })),
    notes: [
      ...words.flatMap(
        ({ check }) => check?.verdicts.flatMap(({ sentence, basis }) => [sentence, ...basis]) ?? [],
      ),
      ...words.flatMap(({ check }) => check?.notes ?? []),
      ...notesOf(input, sweep),
      ...pendingNote(groups),
      ...claimNotes(
        sorted.flatMap(({ used }) => used),
        sorted.flatMap(({ departed }) => departed),
      ),
      ...words.flatMap(({ check }) => check?.guesses ?? []),
    ],
    software: input.software,
    table: comparisonTable(
      "Comparison of groups of runs",
      comparisons,
      words.length === 1 ? words[0]?.unit || null : null,
    ),
  };
}

function pendingNote(groups: readonly Group[]): string[] {
  const pending = groups.reduce((n, { runs }) => n + sortRuns(runs, null).pending.length, 0);
  return pending === 0
    ? []
    : [
        `Provisional: ${counted(pending, "run")} of these groups ${pending === 1 ? "has" : "have"} not ended.`,
      ];
}
