import { type AnalysisName, didYouMean } from "@reprise/contracts";
import {
  announcedTrainers,
  type Database,
  getSweep,
  readMetricsOfRuns,
  readPredictionsOfRuns,
  runsForAnalysis,
} from "@reprise/database";
import {
  type AnalysisInput,
  chooseMetric,
  classificationAnalysis,
  curvesAnalysis,
  determinismAnalysis,
  significanceAnalysis,
} from "@reprise/study";
import { serverVersion } from "./http/openapi.js";
import { found, problem } from "./http/problems.js";

const software = `Reprise ${serverVersion}`;

/** What every analysis reads of a sweep. @throws {ProblemError} for an unknown sweep or metric. */
async function inputOf(db: Database, sweepId: string, metric: string | undefined): Promise<AnalysisInput> {
  const sweep = found(await getSweep(db, sweepId), "sweep", sweepId);
  const [runs, trainers] = await Promise.all([runsForAnalysis(db, sweepId), announcedTrainers(db)]);
  const trainer = trainers.find(({ capabilities }) => capabilities.name === sweep.spec.trainer);
  const metrics = trainer?.capabilities.metrics ?? [];
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

/** Computes one analysis of a sweep; browser, notebook and command line all get these figures. */
export async function analyse(db: Database, sweepId: string, name: AnalysisName, metric: string | undefined) {
  const input = await inputOf(db, sweepId, metric);
  switch (name) {
    case "determinism":
      return determinismAnalysis(input);
    case "significance":
      return significanceAnalysis(input);
    case "classification": {
      const predictions = await readPredictionsOfRuns(db, idsOfEnded(input), "test");
      return classificationAnalysis({ ...input, predictions });
    }
    case "curves": {
      const started = input.runs.filter(({ startedAt }) => startedAt !== null).map(({ id }) => id);
      const series = await readMetricsOfRuns(db, started, chooseMetric(input));
      return curvesAnalysis({ ...input, series });
    }
  }
}
