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
import { type SharedReadings, sharedReadings, withReadings } from "./readings.js";

export type AnalysisTask<Name extends AnalysisName = AnalysisName> = {
  sweepId: string;
  name: Name;
  metric: string | undefined;
  options: { withMcnemar?: boolean; prevalence?: number };
};

const software = `Reprise ${serverVersion}`;

/** What all analyses of a study read alike. */
type Load = { input: AnalysisInput; shared: SharedReadings };

/** Reads of a sweep what every analysis needs. @throws {ProblemError} for an unknown sweep */
async function load(db: Database, sweepId: string): Promise<Load> {
  const sweep = found(await getSweep(db, sweepId), "sweep", sweepId);
  const [runs, metrics] = await Promise.all([runsForAnalysis(db, sweepId), declaredMetrics(db, sweep)]);
  const input = { sweep, runs, metrics, software };
  return { input, shared: sharedReadings(db, input) };
}

/** The input of an analysis of one metric. @throws {ProblemError} for an unknown metric */
function about(input: AnalysisInput, metric: string | undefined): AnalysisInput {
  if (metric === undefined) return input;
  const { metrics = [], runs } = input;
  const known = [
    ...new Set([...metrics.map(({ key }) => key), ...runs.flatMap((run) => Object.keys(run.summary))]),
  ];
  if (known.includes(metric)) return { ...input, metric };
  throw problem("invalid-request", `No run of this sweep has the metric ${metric}.`, {
    errors: [
      { path: "metric", message: "unknown metric", value: metric, suggestion: didYouMean(metric, known) },
    ],
  });
}

/** Pages ask for all analyses of a study at once; so long after the last one its load is kept. */
const keptForMs = 10_000;

/** Keeps the load of one study for as long as its analyses are asked for one after the other. */
export function keepLoads(db: Database) {
  let kept: { of: string; load: Promise<Load> } | undefined;
  let ending: NodeJS.Timeout | undefined;
  return (sweepId: string, revision: string): Promise<Load> => {
    const of = `${sweepId} ${revision}`;
    const current = kept?.of === of ? kept : { of, load: load(db, sweepId) };
    kept = current;
    const forget = () => {
      if (kept === current) kept = undefined;
    };
    current.load.catch(forget);
    clearTimeout(ending);
    ending = setTimeout(forget, keptForMs).unref();
    return current.load;
  };
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

/**
 * Computes one analysis of a sweep; browser, notebook and command line all get these figures.
 *
 * @param loadOf gives what the sweep's analyses share, by {@link keepLoads}
 * @param revision of the sweep, before anything was read of it
 */
export async function analyse<Name extends AnalysisName>(
  db: Database,
  loadOf: ReturnType<typeof keepLoads>,
  { sweepId, name, metric, options }: AnalysisTask<Name>,
  revision: string,
): Promise<AnalysisAnswers[Name]> {
  const { needs, compute } = analysisRows[name];
  const { input: whole, shared } = await loadOf(sweepId, revision);
  const input = await withReadings(db, about(whole, metric), shared, needs);
  const { used, departed } = sortRuns(input.runs, null);
  return unlessRefused(() =>
    judgedAsSequential(judgedByClaims(compute({ ...input, ...options }), used, departed), input.sweep),
  );
}
