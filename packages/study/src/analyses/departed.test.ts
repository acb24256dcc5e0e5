import { describe, expect, it } from "vitest";
import * as study from "../index.js";
import { gridInput } from "../test-support/grid-study.js";
import { patientsInput } from "../test-support/patients-study.js";
import { cellsOf } from "./cells.js";
import type { AnalysisInput } from "./input.js";
import { plannedQuestions } from "./tests/sequential-questions.js";

type Answer = { table: unknown; verdicts: readonly { sentence: string }[]; notes: readonly string[] };

/** Every analysis of runs, and of their predictions; weights and series are read by the rest. */
const ofRuns = {
  determinism: study.determinismAnalysis,
  significance: study.significanceAnalysis,
  configurations: study.configurationsAnalysis,
  curves: study.curvesAnalysis,
  extremes: study.extremesAnalysis,
  runtime: study.runtimeAnalysis,
  variance: study.varianceAnalysis,
  importance: study.importanceAnalysis,
} satisfies Record<string, (input: AnalysisInput) => Answer>;

const ofPredictions = {
  classification: study.classificationAnalysis,
  roc: study.rocAnalysis,
  readers: study.readersAnalysis,
  calibration: study.calibrationAnalysis,
  decisionCurve: study.decisionCurveAnalysis,
  subgroups: study.subgroupsAnalysis,
  instability: study.instabilityAnalysis,
  agreement: study.agreementAnalysis,
} satisfies Record<string, (input: AnalysisInput) => Answer>;

/** One free run of each seed, seen to run otherwise than requested; the study with it, and the study without. */
function withDeparted(input: AnalysisInput): { whole: AnalysisInput; rest: AnalysisInput; count: number } {
  const isMeant = ({ arm, repeat }: AnalysisInput["runs"][number]) => arm === "free" && repeat === 1;
  const series = new Map(
    input.runs.map((run, at) => [run.id, { steps: [1, 2], values: [at / 100, at / 90], wallTimes: [1, 2] }]),
  );
  const runs = input.runs.map((run) => (isMeant(run) ? { ...run, departures: 1 } : run));
  const rest = runs.filter((run) => !isMeant(run));
  return {
    whole: { ...input, runs, series },
    rest: { ...input, runs: rest, series },
    count: runs.length - rest.length,
  };
}

/** Of runs and predictions that the fixtures do not have, or of planned looks. */
const elsewhere = ["similarityAnalysis", "sequentialAnalysis", "energyAnalysis"];

it("names every analysis that there is", () => {
  const tried = [...Object.keys(ofRuns), ...Object.keys(ofPredictions)].map((name) => `${name}Analysis`);
  expect([...tried, ...elsewhere].toSorted()).toEqual(
    Object.keys(study)
      .filter((name) => name.endsWith("Analysis"))
      .toSorted(),
  );
});

const cases = [
  ...Object.entries(ofRuns).map(([name, compute]) => [name, compute, gridInput()] as const),
  ...Object.entries(ofPredictions).map(([name, compute]) => [name, compute, patientsInput()] as const),
];

describe("runs that did not run as requested are in no figure of their arm, and it is said", () => {
  it.each(cases)("%s", (_, compute, input) => {
    const { whole, rest, count } = withDeparted(input);
    const [all, others]: Answer[] = [compute(whole), compute(rest)];
    expect(count).toBeGreaterThan(2);
    expect(all?.table).toEqual(others?.table);
    expect(all?.notes).toContainEqual(
      `${count} of ${input.runs.length} runs did not run as requested: they are not evidence for the arm that was requested, and are left out here.`,
    );
    const sentences = (answer?: Answer) => answer?.verdicts.map(({ sentence }) => sentence);
    expect(sentences(all)).toEqual(sentences(others));
  });

  it("energy, whose ledger still has all that was consumed", () => {
    const { whole, rest, count } = withDeparted(gridInput());
    const [all, others] = [study.energyAnalysis(whole), study.energyAnalysis(rest)];
    expect(all.rows).toEqual(others.rows);
    expect(all.experimentRuns).toEqual(others.experimentRuns);
    expect(all.ledger.find(({ kind }) => kind === "departed")?.runs).toBe(count);
    expect(all.allRuns.runs).toBe(whole.runs.length);
  });
});

describe("a configuration all of whose runs departed", () => {
  const input = gridInput();
  const first = input.runs[0]?.configurationKey;
  const runs = input.runs.map((run) => (run.configurationKey === first ? { ...run, departures: 1 } : run));

  it("is not replaced as the one that the others are compared with", () => {
    const { comparisons, notes } = study.configurationsAnalysis({ ...input, runs });
    expect(study.configurationsAnalysis(input).comparisons).toHaveLength(3);
    expect(comparisons).toEqual([]);
    expect(notes).toContain(
      "No run of the configuration that is listed first can be used: there is nothing to compare the others with.",
    );
  });

  it("stays in the planned questions, whose number divides the error, with nothing at any seed", () => {
    const { spec } = input.sweep;
    const questions = (of: AnalysisInput["runs"]) =>
      plannedQuestions(cellsOf(spec, of, "testAccuracy"), spec);
    const asked = questions(runs);
    expect(asked.map(({ question }) => question)).toEqual(
      questions(input.runs).map(({ question }) => question),
    );
    const missing = asked.filter(({ differences }) => differences.every(({ value }) => value === null));
    expect(missing.map(({ contrast }) => contrast)).toEqual([
      "mode",
      "configuration",
      "configuration",
      "configuration",
    ]);
  });
});

it("runs that departed do not decide on which scale a metric is", () => {
  const input = gridInput();
  const isMeant = ({ arm, repeat }: AnalysisInput["runs"][number]) => arm === "free" && repeat === 1;
  const runs = input.runs.map((run) => {
    const { testAccuracy } = run.summary;
    if (!isMeant(run) || !testAccuracy) return run;
    const percent = { ...testAccuracy, selected: 93, last: 93, min: 93, max: 93 };
    return { ...run, departures: 1, summary: { ...run.summary, testAccuracy: percent } };
  });
  const others = runs.filter((run) => !isMeant(run));
  expect(study.determinismAnalysis({ ...input, runs }).table).toEqual(
    study.determinismAnalysis({ ...input, runs: others }).table,
  );
});
