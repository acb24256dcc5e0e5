import { builtInTrainer, datasetInfo, type Environment, type Run } from "@reprise/contracts";
import { classificationAnalysis } from "../analyses/cases/classification.js";
import { determinismAnalysis } from "../analyses/determinism/determinism.js";
import { significanceAnalysis } from "../analyses/tests/significance.js";
import type { StudyReportInput } from "../report/input.js";
import { exampleInput } from "./example-study.js";
import { binaryPredictions } from "./runs-fixture.js";

export const environment: Environment = {
  id: "environment-1",
  values: { "node.version": "20.19.0", "git.commit": "abc", gpu: null },
  createdAt: "2026-01-01T00:00:00.000Z",
};

/** What a report of the example study is made from, changed as a test needs it. */
export function reportInput(
  change: {
    runs?: (runs: readonly Run[]) => Run[];
    spec?: object;
    dataset?: StudyReportInput["dataset"];
    preset?: StudyReportInput["preset"];
  } = {},
): StudyReportInput {
  const base = exampleInput();
  const runs = change.runs ? change.runs(base.runs) : base.runs;
  const spec = { ...base.sweep.spec, trainer: builtInTrainer, ...change.spec };
  const predictions = new Map(runs.map(({ id }) => [id, binaryPredictions("++--", "+---")]));
  const input = { ...base, runs, sweep: { ...base.sweep, spec }, predictions };
  return {
    sweep: { ...input.sweep, createdAt: "2026-01-01T00:00:00.000Z", notes: "" },
    runs,
    analyses: [determinismAnalysis(input), significanceAnalysis(input), classificationAnalysis(input)],
    environments: [environment],
    evidence: new Map(),
    dataset: change.dataset ?? null,
    software: "Reprise test",
    preset: change.preset ?? null,
    generatedAt: "2026-01-02T00:00:00.000Z",
  };
}

/** A data set of pictures with source and licence. */
export const images = datasetInfo.parse({
  name: "wdbc",
  title: "Tiles <of> tissue",
  description: "",
  citation: "A. Author, 2020",
  license: "CC0",
  available: true,
  hint: null,
  cases: 569,
  inputShape: [96, 96, 3],
  classes: ["normal", "tumour"],
  positiveClass: 1,
  digest: null,
  defaultSplit: { train: 0.6, validation: 0.2, test: 0.2, seed: 1, groupBy: null },
});
