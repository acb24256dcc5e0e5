import { type AnalysisAnswers, type AnalysisName, didYouMean } from "@reprise/contracts";
import { type Database, getSweep, runsForAnalysis } from "@reprise/database";
import {
  type AnalysisInput,
  AnalysisRefusedError,
  judgedAsSequential,
  judgedByClaims,
  sortRuns,
} from "@reprise/study";
import { found, problem } from "../http/problems.js";
import { serverVersion } from "../version.js";
import { analysisRows } from "./analysis-rows.js";
import { declaredMetrics } from "./declared-metrics.js";
import { withReadings } from "./readings.js";

export type AnalysisTask<Name extends AnalysisName = AnalysisName> = {
  sweepId: string;
  name: Name;
  metric: string | undefined;
  options: { withMcnemar?: boolean; prevalence?: number };
};

const software = `Reprise ${serverVersion}`;

/** What every analysis reads of a sweep. @throws {ProblemError} for an unknown sweep or metric. */
async function inputOf(db: Database, sweepId: string, metric: string | undefined): Promise<AnalysisInput> {
  const sweep = found(await getSweep(db, sweepId), "sweep", sweepId);
  const [runs, metrics] = await Promise.all([runsForAnalysis(db, sweepId), declaredMetrics(db, sweep)]);
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

/** Computes one analysis of a sweep; browser, notebook and command line all get these figures. */
export async function analyse<Name extends AnalysisName>(
  db: Database,
  { sweepId, name, metric, options }: AnalysisTask<Name>,
): Promise<AnalysisAnswers[Name]> {
  const { needs, compute } = analysisRows[name];
  const input = await withReadings(db, await inputOf(db, sweepId, metric), needs);
  const { used } = sortRuns(input.runs, null);
  return unlessRefused(() =>
    judgedAsSequential(judgedByClaims(compute({ ...input, ...options }), used), input.sweep),
  );
}
