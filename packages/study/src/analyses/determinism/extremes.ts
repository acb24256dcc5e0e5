import type { ExtremesAnalysis, ExtremesRow, Run, Verdict } from "@reprise/contracts";
import { expectedNormalMaximum, extremes, standardDeviation } from "@reprise/statistics";
import { cellsOf, known } from "../cells.js";
import { hasDiverged } from "../diverged.js";
import { leadingVerdicts, provisional } from "../general-verdicts.js";
import {
  type AnalysisInput,
  chooseMetric,
  describeMetric,
  isPlanned,
  metricOf,
  provenanceOf,
  runNotes,
  sortRuns,
} from "../input.js";
import type { MetricWords } from "../metric-words.js";
import { column, tableOf } from "../table.js";
import { withoutCopies } from "../tests/comparison-tests.js";
import { counted, metricFormat } from "../words.js";

type Measured = { run: Run; value: number };

function extremeOf({ run, value }: Measured): NonNullable<ExtremesRow["best"]> {
  const { configurationLabel, seed, arm, repeat, diverged } = run;
  return { value, runId: run.id, configurationLabel, seed, arm, repeat, diverged };
}

function rowOf(
  grouping: ExtremesRow["grouping"],
  label: string,
  members: readonly Measured[],
  smallerIsBetter: boolean,
): ExtremesRow {
  const finite = members.filter(({ value }) => Number.isFinite(value));
  const [low, high] = extremes(finite.map(({ value }) => value));
  // The first run that reached a value stands for all that did.
  const lowest = finite.find(({ value }) => value === low);
  const highest = finite.find(({ value }) => value === high);
  const [best, worst] = smallerIsBetter ? [lowest, highest] : [highest, lowest];
  return {
    grouping,
    label,
    n: members.length,
    diverged: members.filter(({ run }) => hasDiverged(run)).length,
    seeds: new Set(members.map(({ run }) => run.seed)).size,
    best: best ? extremeOf(best) : null,
    worst: worst ? extremeOf(worst) : null,
    range: finite.length === 0 ? null : known(high - low),
    optimism: optimismOf(members),
  };
}

/** SD times the expected maximum of so many normal values; copies of a deterministic run are one. */
function optimismOf(members: readonly Measured[]): number | null {
  const kept = new Set(withoutCopies(members.map(({ run }) => run)));
  const values = members.flatMap(({ run, value }) => (kept.has(run) ? [value] : []));
  const alike = new Set(members.map(({ run }) => run.configurationKey)).size === 1;
  if (!alike || values.length < 3 || !values.every(Number.isFinite)) return null;
  if (members.some(({ run }) => hasDiverged(run))) return null;
  return standardDeviation(values) * expectedNormalMaximum(values.length);
}

function groupBy(measured: readonly Measured[], keyOf: (run: Run) => string): Measured[][] {
  const groups = new Map<string, Measured[]>();
  for (const member of measured) {
    const key = keyOf(member.run);
    groups.set(key, [...(groups.get(key) ?? []), member]);
  }
  return [...groups.values()];
}

const optimizerOf = (run: Run) => run.effectiveParams?.optimizer ?? run.params.optimizer;

function rowsOf(measured: readonly Measured[], smallerIsBetter: boolean): ExtremesRow[] {
  if (measured.length === 0) return [];
  const optimizers = groupBy(measured, (run) => String(optimizerOf(run)));
  const configurations = groupBy(measured, ({ configurationKey }) => configurationKey);
  // One optimizer per configuration would print every row twice.
  const tellsMore = optimizers.length > 1 && optimizers.length < configurations.length;
  return [
    rowOf("all", "all runs", measured, smallerIsBetter),
    ...(tellsMore ? optimizers : []).map((members) =>
      rowOf("optimizer", String(members[0] && optimizerOf(members[0].run)), members, smallerIsBetter),
    ),
    ...configurations.map((members) =>
      rowOf("configuration", members[0]?.run.configurationLabel ?? "", members, smallerIsBetter),
    ),
  ];
}

/** By how much the best value that a sentence names is too good: of the runs of its configuration. */
function optimismWords(rows: readonly ExtremesRow[], metric: MetricWords): string {
  const best = rows[0]?.best;
  const own = rows.find(
    ({ grouping, label, optimism }) =>
      optimism !== null &&
      (grouping === "all" || (grouping === "configuration" && label === best?.configurationLabel)),
  );
  if (!own || typeof own.optimism !== "number" || own.optimism === 0)
    return "The best of many runs is better than what the same training can be expected to reach again.";
  const words = metricFormat(metric, own.optimism);
  return `The best of ${own.n} equally good runs with this SD would lie ${words.difference(own.optimism)} beyond their mean on average if values were normal; a paper that reports only its best run overstates its result by this much (Picard 2021).`;
}

function verdictOf(rows: readonly ExtremesRow[], metric: MetricWords): Verdict[] {
  const [all] = rows;
  if (!all?.best || !all.worst || typeof all.range !== "number") return [];
  const words = metricFormat(metric, all.range);
  const where = ({ configurationLabel, seed, arm, repeat, diverged }: NonNullable<ExtremesRow["best"]>) =>
    `${configurationLabel}, seed ${seed}, ${arm}, repeat ${repeat}${diverged ? " (it diverged)" : ""}`;
  const values = [all.best.value, all.worst.value].map(Number);
  const sentence =
    all.range === 0 && all.diverged > 0
      ? `${words.level(Number(all.best.value))} is the only ${metric.label} that ${counted(all.n, "run")} reported, ${all.diverged === all.n ? "all" : all.diverged} of which diverged, so the results are not shown to be equal.`
      : all.range === 0
        ? `${all.n === 2 ? "Both runs" : `All ${counted(all.n, "run")}`} have the same ${metric.label}.`
        : `Over ${counted(all.n, "run")} ${metric.label} lies between ${words.level(Math.min(...values))} and ${words.level(Math.max(...values))}; the best is ${where(all.best)}, the worst ${where(all.worst)}.`;
  return [
    {
      kind: "spread",
      tone: "neutral",
      sentence,
      basis: [
        "Extremes describe these runs. They move apart as runs are added, so they cannot compare groups of unequal size.",
        optimismWords(rows, metric),
      ],
    },
  ];
}

/**
 * Table I of the CUDA-randomness paper from runs: best and worst value over all runs, per optimizer (where several
 * configurations share one) and per configuration, with the run that reached it.
 */
export function extremesAnalysis(input: AnalysisInput): ExtremesAnalysis {
  const metric = describeMetric(chooseMetric(input), input);
  const sorted = sortRuns(input.runs, metric);
  const measured = cellsOf(input.sweep.spec, sorted.used, metric.key).flatMap(({ deterministic, others }) =>
    [deterministic, ...others].flatMap((sample) =>
      (sample?.runs ?? []).map((run) => ({ run, value: metricOf(run, metric.key) ?? Number.NaN })),
    ),
  );
  const rows = rowsOf(measured, metric.direction === "minimize");
  const notes = runNotes({ sorted, metric });
  const broken = measured.filter(({ value }) => !Number.isFinite(value)).length;
  if (broken > 0)
    notes.push(`${counted(broken, "run")} without a finite ${metric.label}, excluded from the extremes.`);
  if (metric.direction === null)
    notes.push(`No direction is declared for ${metric.label}: the largest value is shown as best.`);
  const unit = metric.unit || null;
  return {
    analysis: "extremes",
    provenance: provenanceOf(input, metric, sorted, {
      planned: isPlanned(input, metric.key, "mode"),
      method: "Largest and smallest value at the selected epoch over all runs of every arm and seed.",
      correction: "Descriptive: no test is made.",
    }),
    verdicts: [...leadingVerdicts(sorted), ...provisional(verdictOf(rows, metric), sorted)],
    notes,
    table: tableOf<ExtremesRow>(
      `Best and worst run: ${metric.label}`,
      [
        column("grouping", "By", null, "What the runs of the row share", (row) => row.grouping),
        column("label", "Runs", null, "Optimizer or configuration", (row) => row.label),
        column("n", "n", null, "Runs", (row) => row.n),
        column("diverged", "Diverged", null, "Runs among them that diverged", (row) => row.diverged),
        column("seeds", "Seeds", null, "Different seeds among them", (row) => row.seeds),
        column("best", "Best", unit, "Best value of a single run", (row) => row.best?.value ?? null),
        column("bestSeed", "Seed of best", null, "Its seed", (row) => row.best?.seed ?? null),
        column("bestArm", "Arm of best", null, "Its arm", (row) => row.best?.arm ?? null),
        column("bestDiverged", "Best diverged", null, "Whether that run diverged", (row) =>
          row.best === null ? null : row.best.diverged !== null,
        ),
        column("worst", "Worst", unit, "Worst value of a single run", (row) => row.worst?.value ?? null),
        column("worstSeed", "Seed of worst", null, "Its seed", (row) => row.worst?.seed ?? null),
        column("worstArm", "Arm of worst", null, "Its arm", (row) => row.worst?.arm ?? null),
        column("worstDiverged", "Worst diverged", null, "Whether that run diverged", (row) =>
          row.worst === null ? null : row.worst.diverged !== null,
        ),
        column("range", "Range", unit, "Largest minus smallest value", (row) => row.range),
        column(
          "optimism",
          "Best of n beyond mean",
          unit,
          "By how much the best of n equally good runs with this SD exceeds their mean (Picard 2021)",
          (row) => row.optimism,
        ),
      ],
      rows,
    ),
    rows,
  };
}
