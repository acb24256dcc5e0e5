import type {
  AnalysisTable,
  ArmValues,
  Contradiction,
  DeterminismAnalysis,
  DeterminismRow,
  SweepSpec,
  WireNumber,
} from "@reprise/contracts";
import { predictionInterval, withinRange } from "@reprise/statistics";
import { contradictionsOf } from "../../evidence/contradictions.js";
import { isReported } from "../../evidence/digest-source.js";
import { loggedIdentityVerdicts } from "../../evidence/equal-as-logged.js";
import { recordNotes } from "../../evidence/record-notes.js";
import {
  areIdentical,
  armValuesOf,
  type Cell,
  cellsOf,
  degeneracy,
  isContradicted,
  known,
  type Sample,
  showsNothing,
  withoutDiverged,
} from "../cells.js";
import { divergedAmong } from "../diverged.js";
import {
  contradictionVerdicts,
  identityVerdicts,
  leadingVerdicts,
  provisional,
  singleRunVerdicts,
} from "../general-verdicts.js";
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
import { column, configurationColumn, tableOf } from "../table.js";
import { predictionConfidence } from "../tests/significance-tests.js";
import { counted, cutWords } from "../words.js";
import { familyWords, testSetWords } from "./beyond-repeats.js";
import { headlineOf } from "./headline.js";
import { moreVariableVerdicts, spreadVerdicts } from "./spread-verdicts.js";

/** The value that stands for the deterministic arm: that of its first repeat (all agree where execution is deterministic). */
function deterministicValue({ deterministic }: Cell): number | null {
  return deterministic?.values[0] ?? null;
}

const nothing = { low: null, high: null };
const bounds = ([low, high]: [number, number]) => ({ low: known(low), high: known(high) });

function comparison(
  sample: Sample,
  reference: number | null,
  metric: MetricWords,
  order: SweepSpec["order"],
): DeterminismRow["others"][number] {
  const values = armValuesOf(sample);
  const range = metric.check?.range;
  const mean = typeof values.mean === "number" ? values.mean : Number.NaN;
  const testable = degeneracy(sample.values, metric.label, divergedAmong(sample.runs)) === null;
  const distances = sample.values.map((value) => Math.abs((reference ?? Number.NaN) - value));
  return {
    ...values,
    deltaPercent: reference === null ? null : known(((reference - mean) / mean) * 100),
    range:
      typeof values.max === "number" && typeof values.min === "number"
        ? known(values.max - values.min)
        : null,
    maxAbsDifference: distances.length === 0 ? null : known(Math.max(...distances)),
    predictionInterval: testable
      ? bounds(withinRange(predictionInterval(sample.values, predictionConfidence(order)), range))
      : nothing,
  };
}

function rowOf(
  cell: Cell,
  metric: MetricWords,
  { contradictions, order }: { contradictions: readonly Contradiction[]; order: SweepSpec["order"] },
): DeterminismRow {
  const reference = deterministicValue(cell);
  const identical = cell.deterministic ? areIdentical(cell.deterministic.runs) : null;
  return {
    group: cell.group,
    deterministic: cell.deterministic ? armValuesOf(cell.deterministic) : null,
    identical:
      cell.deterministic &&
      !isContradicted(cell.deterministic, contradictions) &&
      !showsNothing(cell.deterministic.runs, identical)
        ? identical
        : null,
    others: cell.others.map((sample) => comparison(sample, reference, metric, order)),
  };
}

type FlatRow = { row: DeterminismRow; other: DeterminismRow["others"][number] | null };

function determinismTable(
  rows: readonly DeterminismRow[],
  metric: MetricWords,
  reported: boolean,
): AnalysisTable {
  const flat = rows.flatMap((row): FlatRow[] =>
    row.others.length > 0 ? row.others.map((other) => ({ row, other })) : [{ row, other: null }],
  );
  const unit = metric.unit || null;
  const first = (values: ArmValues | null): WireNumber | null => values?.values[0] ?? null;
  return tableOf<FlatRow>(
    `Deterministic against other executions: ${metric.label}`,
    [
      configurationColumn(({ row }) => row.group.configurationLabel),
      column("seed", "Seed", null, "Seed of all random draws", ({ row }) => row.group.seed),
      column("deterministic", "Det.", unit, "Value of the deterministic execution", ({ row }) =>
        first(row.deterministic),
      ),
      column(
        "deterministicRuns",
        "n det.",
        null,
        "Deterministic executions",
        ({ row }) => row.deterministic?.n ?? 0,
      ),
      column(
        "identical",
        reported ? "Equal digests" : "Bit-identical",
        null,
        reported
          ? "Whether the program reports equal digests of their final weights"
          : "Whether they ended with equal weights",
        ({ row }) => row.identical,
      ),
      column(
        "deterministicDiverged",
        "Det. diverged",
        null,
        "Deterministic executions whose training diverged",
        ({ row }) => row.deterministic?.diverged.length ?? null,
      ),
      column("arm", "Arm", null, "Executions compared with it", ({ other }) => other?.arm ?? null),
      column("n", "n", null, "Executions of that arm", ({ other }) => other?.n ?? null),
      column(
        "diverged",
        "Diverged",
        null,
        "Executions of that arm whose training diverged; their values are in the columns that follow",
        ({ other }) => other?.diverged.length ?? null,
      ),
      column("mean", "Mean", unit, "Their mean", ({ other }) => other?.mean ?? null),
      column("sd", "SD", unit, "Their standard deviation (n - 1)", ({ other }) => other?.sd ?? null),
      column(
        "deltaPercent",
        "Delta %",
        "%",
        "(deterministic - mean) / mean, in percent",
        ({ other }) => other?.deltaPercent ?? null,
      ),
      column(
        "range",
        "D (range)",
        unit,
        "Largest minus smallest value of the arm",
        ({ other }) => other?.range ?? null,
      ),
      column(
        "maxAbsDifference",
        "D (to det.)",
        unit,
        "Largest distance of a run of the arm from the deterministic one",
        ({ other }) => other?.maxAbsDifference ?? null,
      ),
      column(
        "predictionLow",
        "PI low",
        unit,
        "95 % prediction interval of one more run, lower end",
        ({ other }) => other?.predictionInterval.low ?? null,
      ),
      column(
        "predictionHigh",
        "PI high",
        unit,
        "Its upper end",
        ({ other }) => other?.predictionInterval.high ?? null,
      ),
      column(
        "distinctDigests",
        reported ? "Distinct digests" : "Distinct weights",
        null,
        reported
          ? "Different digests of final weights that the program reports for the runs of the arm"
          : "Different final weights among the runs of the arm",
        ({ other }) => other?.distinctDigests ?? null,
      ),
    ],
    flat,
  );
}

/**
 * Tables II and III of the CUDA-randomness paper from runs: per configuration and seed the deterministic value beside
 * mean, SD and spread of every other arm, D both ways, and whether deterministic executions were bit-identical.
 */
export function determinismAnalysis(input: AnalysisInput): DeterminismAnalysis {
  const { spec } = input.sweep;
  const metric = describeMetric(chooseMetric(input), input);
  const sorted = sortRuns(input.runs, metric);
  const cells = cellsOf(spec, sorted.used, metric.key);
  const ended = [...sorted.used, ...sorted.departed];
  const contradictions = contradictionsOf({ ...input, metric: metric.key });
  const rows = cells.map((cell) => rowOf(cell, metric, { contradictions, order: spec.order }));
  const spread = moreVariableVerdicts(cells, input, metric);
  const notes = [
    ...runNotes({ sorted, metric }),
    ...recordNotes({
      spec,
      runs: ended,
      evidence: input.evidence,
      environments: input.environments,
    }),
  ];
  const disagreeing = cells.filter(({ deterministic }) => new Set(deterministic?.values).size > 1);
  if (disagreeing.length > 0) {
    notes.push(
      `In ${disagreeing.length} of ${cells.length} cells deterministic executions differ in ${metric.label}; the first one is compared.`,
    );
  }
  if (cells.some(({ others }) => others.some(({ runs }) => runs.length > 0))) {
    notes.push(
      "D is printed both ways: as the range of the repeats, which fits the figures in Table II of the CUDA-randomness paper, and as the largest distance from the deterministic run, which is what its text describes.",
    );
    notes.push(
      "With fewer than eight repeats, look at the points themselves; a mean and an SD hide their shape.",
    );
  }
  return {
    analysis: "determinism",
    provenance: provenanceOf(input, metric, sorted, {
      planned: isPlanned(input, metric.key, "mode"),
      method: `Deterministic value and, for every other arm, mean, SD (n − 1), range and 95 % prediction interval of one more run (Student's at ${100 * predictionConfidence(spec.order)} %, so that it holds where repeats are skewed or heavy-tailed)${cutWords(
        metric,
        rows.flatMap(({ others }) => others.map((other) => other.predictionInterval)),
      )}. Intervals are left out where repeats take three or fewer distinct values.`,
      correction:
        spread.family > 0
          ? `Intervals are not corrected for multiplicity. Holm over ${counted(spread.family, "Brown–Forsythe test")} (one per arm and seed).`
          : "Intervals are not corrected for multiplicity; no test is made here.",
    }),
    headline: headlineOf(cellsOf(spec, ended, metric.key), spec, metric, sorted, contradictions, {
      tests: familyWords(cells, input, metric),
      testSet: testSetWords(cells, input, metric),
    }),
    contradictions,
    verdicts: [
      ...leadingVerdicts(sorted),
      ...provisional(
        [
          ...contradictionVerdicts(contradictions),
          ...identityVerdicts(cells, spec, { ...input, contradictions }),
          ...loggedIdentityVerdicts(cells, contradictions),
          ...singleRunVerdicts(cells),
          ...spreadVerdicts(withoutDiverged(cells), spec, metric, contradictions),
          ...spread.verdicts,
        ],
        sorted,
      ),
    ],
    notes,
    table: determinismTable(rows, metric, isReported(sorted.used)),
    rows,
  };
}
