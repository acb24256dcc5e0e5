import type { CaseScope, Provenance } from "@reprise/contracts";
import { summarize } from "@reprise/statistics";
import { type Cell, cellsOf, known, type Sample } from "../cells.js";
import {
  type AnalysisInput,
  describeMetric,
  provenanceOf,
  questionNotes,
  runNotes,
  sortRuns,
} from "../input.js";
import { type ColumnOf, column, configurationColumn } from "../table.js";
import { counted } from "../words.js";
import { figuresOf } from "./classification-runs.js";
import { type AlignedRuns, alignedRuns } from "./sampling.js";
import { columnOf } from "./scores.js";

/** Runs that predicted the same cases, and which they are. */
export type Scope = { about: CaseScope; aligned: AlignedRuns };

type Gathered = { cell: Cell; seed: number | null; sample: Sample };

/**
 * What is laid beside each other: the repeats of every configuration, seed and arm where there are several, and over seeds the
 * first repeat of each, so that runs of a scope are independent of each other in what it varies. A run that stands alone is one, too.
 */
function gathered(cells: readonly Cell[]): Gathered[] {
  const samples = cells.flatMap((cell) =>
    [cell.deterministic, ...cell.others].flatMap((sample) => (sample ? [{ cell, sample }] : [])),
  );
  const byArm = new Map<string, typeof samples>();
  for (const one of samples) {
    const key = JSON.stringify([one.cell.group.configurationKey, one.sample.arm]);
    byArm.set(key, [...(byArm.get(key) ?? []), one]);
  }
  return [...byArm.values()].flatMap((own): Gathered[] => {
    const [first] = own;
    if (!first) return [];
    const alone = own.length === 1;
    const repeated = own.filter(({ sample }) => sample.runs.length > 1 || alone);
    const firsts = own.flatMap(({ sample }) => sample.runs.slice(0, 1));
    const over: Gathered[] = alone
      ? []
      : [{ cell: first.cell, seed: null, sample: { arm: first.sample.arm, runs: firsts, values: [] } }];
    return [...over, ...repeated.map(({ cell, sample }) => ({ cell, seed: cell.group.seed, sample }))];
  });
}

/** The scopes of a study, in its order, with what an analysis of them says of where they come from. */
export function scopesOf(
  input: AnalysisInput,
  { method, correction }: Pick<Provenance, "method" | "correction">,
): {
  scopes: Scope[];
  shared: { provenance: Provenance; notes: string[] };
  sorted: ReturnType<typeof sortRuns>;
} {
  const { spec } = input.sweep;
  const metric = describeMetric("testAccuracy", { metrics: input.metrics ?? [] });
  const sorted = sortRuns(input.runs, null, "apart");
  let left = 0;
  const scopes = gathered(cellsOf(spec, sorted.used, metric.key)).flatMap(
    ({ cell, seed, sample }): Scope[] => {
      const aligned = alignedRuns(
        sample.runs.map((run) => figuresOf(run, input.predictions?.get(run.id))),
        spec,
      );
      if (!aligned) {
        left += 1;
        return [];
      }
      const { grouping } = aligned;
      const { seed: _, ...configuration } = cell.group;
      const about: CaseScope = {
        ...configuration,
        ...{ arm: sample.arm, seed, runs: aligned.runs.length, cases: aligned.ids.length },
        ...{ grouping: grouping?.name ?? null, clusters: grouping?.clusters.count ?? null },
      };
      return [{ about, aligned }];
    },
  );
  const notes = [...runNotes({ sorted, metric }), ...questionNotes(input.predictions)];
  if (left > 0)
    notes.push(`${counted(left, "group")} of runs left out: no stored test predictions of the same cases.`);
  const provenance = provenanceOf(input, metric, sorted, { planned: false, method, correction });
  return { scopes, shared: { provenance, notes }, sorted };
}

/** A figure of every run: mean, SD and range. */
export function overRunsOf(values: readonly number[]) {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return { mean: null, sd: null, min: null, max: null };
  const { mean, sd, min, max, n } = summarize(finite);
  return { mean: known(mean), sd: n < 2 ? null : known(sd), min: known(min), max: known(max) };
}

/** Curves of several runs at the same places: mean and range; null where not every run has a value. */
export function bandOf(curves: readonly (readonly number[])[]) {
  const places = curves[0]?.map((_, at) => curves.map((own) => own[at] ?? Number.NaN)) ?? [];
  const each = (of: (values: number[]) => number) =>
    places.map((values) => (values.every(Number.isFinite) ? known(of(values)) : null));
  return {
    mean: each((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
    min: each((values) => Math.min(...values)),
    max: each((values) => Math.max(...values)),
  };
}

/** Labels 1 and 0, and each run's score of the positive class; null without one, or where a score is no probability. */
export function probabilitiesOf({
  labels,
  positiveClass,
  classes,
  runs,
}: AlignedRuns): { labels: number[]; scores: Float64Array[]; positive: string } | null {
  if (positiveClass === null || classes.length !== 2) return null;
  const scores = runs.map((run) => columnOf(run.scores, positiveClass));
  if (scores.some((own) => own.some((score) => !(score >= 0 && score <= 1)))) return null;
  return {
    labels: labels.map((label) => (label === positiveClass ? 1 : 0)),
    scores,
    positive: classes[positiveClass] ?? "positive",
  };
}

/** "free, seed 42", "det, over seeds". */
export const scopeName = ({ arm, seed }: CaseScope): string =>
  `${arm}, ${seed === null ? "over seeds" : `seed ${seed}`}`;

/** The rows that sentences are made of: those over seeds, where there are any; else all. */
export function leadingRows<Row extends { scope: CaseScope }>(rows: readonly Row[]): readonly Row[] {
  const over = rows.filter(({ scope }) => scope.seed === null);
  return over.length > 0 ? over : rows;
}

/** The columns by which rows of scopes are told apart. */
export function scopeColumns<Row>(of: (row: Row) => CaseScope): ColumnOf<Row>[] {
  return [
    configurationColumn((row) => of(row).configurationLabel),
    column(
      "seed",
      "Seed",
      null,
      "Seed of the runs; all: the first repeat of every seed",
      (row) => of(row).seed ?? "all",
    ),
    column("arm", "Arm", null, "How the runs were executed", (row) => of(row).arm),
    column("n", "n", null, "Runs", (row) => of(row).runs),
  ];
}
