import { type Analysis, type AnalysisName, didYouMean } from "@reprise/contracts";
import {
  capabilitiesOf,
  countLadders,
  type Database,
  getSweep,
  readEmbeddings,
  readMetricsOfRuns,
  readPredictionsOfRuns,
  readProbes,
  readQuestionPredictions,
  runsForAnalysis,
} from "@reprise/database";
import {
  type AnalysisInput,
  AnalysisRefusedError,
  agreementAnalysis,
  chooseMetric,
  classificationAnalysis,
  configurationsAnalysis,
  curvesAnalysis,
  determinismAnalysis,
  energyAnalysis,
  extremesAnalysis,
  importanceAnalysis,
  listReferences,
  rocAnalysis,
  runtimeAnalysis,
  significanceAnalysis,
  similarityAnalysis,
  varianceAnalysis,
} from "@reprise/study";
import { found, problem } from "../http/problems.js";
import { allRunsOf } from "../runs/all-runs.js";
import { serverVersion } from "../version.js";

const software = `Reprise ${serverVersion}`;

/** What every analysis reads of a sweep. @throws {ProblemError} for an unknown sweep or metric. */
async function inputOf(db: Database, sweepId: string, metric: string | undefined): Promise<AnalysisInput> {
  const sweep = found(await getSweep(db, sweepId), "sweep", sweepId);
  const [runs, capabilities] = await Promise.all([runsForAnalysis(db, sweepId), capabilitiesOf(db, sweep)]);
  const metrics = capabilities?.metrics ?? [];
  const known = [
    ...new Set([...metrics.map(({ key }) => key), ...runs.flatMap((run) => Object.keys(run.summary))]),
  ];
  if (metric !== undefined && !known.includes(metric)) {
    throw problem("invalid-request", `No run of this sweep has the metric ${metric}.`, {
      errors: [
        { path: "metric", message: "unknown metric", value: metric, suggestion: didYouMean(metric, known) },
      ],
    });
  }
  return { sweep, runs, metrics, software, ...(metric === undefined ? {} : { metric }) };
}

const idsOfEnded = ({ runs }: AnalysisInput) =>
  runs.filter(({ status }) => status === "succeeded").map(({ id }) => id);

/** One run that has succeeded of every configuration and arm. */
const oneOfEachGroup = ({ runs }: AnalysisInput) => [
  ...new Map(
    runs
      .filter(({ status }) => status === "succeeded")
      .map(({ id, configurationKey, arm }) => [`${configurationKey} ${arm}`, id]),
  ).values(),
];

/** What the client may not ask for, as a problem document. @throws {ProblemError} */
function unlessRefused<T>(analysis: () => T): T {
  try {
    return analysis();
  } catch (error) {
    if (!(error instanceof AnalysisRefusedError)) throw error;
    const { field, value, message, suggestion } = error;
    throw problem("invalid-request", message, {
      errors: [{ path: field, message: "is refused here", value, suggestion }],
    });
  }
}

/** Test predictions for the classes of the data set, and those for zero-shot questions. */
async function answersOf(db: Database, input: AnalysisInput) {
  const questions = await readQuestionPredictions(db, idsOfEnded(input), "test");
  const predictions = questions.get("");
  questions.delete("");
  const references = questions.size > 0 ? listReferences() : [];
  return { questions, references, ...(predictions ? { predictions } : {}) };
}

/** Computes one analysis of a sweep; browser, notebook and command line all get these figures. */
export async function analyse(
  db: Database,
  sweepId: string,
  name: AnalysisName,
  metric: string | undefined,
  { withMcnemar = false }: { withMcnemar?: boolean } = {},
): Promise<Analysis> {
  const input = await inputOf(db, sweepId, metric);
  const testPredictions = () => readPredictionsOfRuns(db, idsOfEnded(input), "test");
  switch (name) {
    case "determinism":
      return determinismAnalysis(input);
    case "significance":
      return significanceAnalysis({ ...input, predictions: await testPredictions() });
    case "configurations":
      return configurationsAnalysis(input);
    case "classification":
      return classificationAnalysis({ ...input, ...(await answersOf(db, input)) });
    case "roc":
      return rocAnalysis({ ...input, predictions: await testPredictions() });
    case "curves": {
      const started = input.runs.filter(({ startedAt }) => startedAt !== null).map(({ id }) => id);
      const [series, ladders] = await Promise.all([
        readMetricsOfRuns(db, started, chooseMetric(input)),
        countLadders(db, oneOfEachGroup(input)),
      ]);
      return curvesAnalysis({ ...input, series, ladders });
    }
    case "extremes":
      return extremesAnalysis(input);
    case "runtime":
      return runtimeAnalysis(input);
    case "energy":
      return energyAnalysis({ ...input, allRuns: await allRunsOf(db, { sweepId, purpose: "all" }) });
    case "similarity": {
      const [embeddings, { probes, leftOut }, predictions] = await Promise.all([
        readEmbeddings(db, idsOfEnded(input)),
        readProbes(db, idsOfEnded(input)),
        testPredictions(),
      ]);
      return similarityAnalysis({ ...input, embeddings, probes, probeEpochsLeftOut: leftOut, predictions });
    }
    case "agreement":
      return agreementAnalysis({ ...input, predictions: await testPredictions(), withMcnemar });
    case "variance":
      return varianceAnalysis(input);
    case "importance":
      return unlessRefused(() => importanceAnalysis(input));
  }
}
