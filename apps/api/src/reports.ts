import type { AnalysisName } from "@reprise/contracts";
import { capabilitiesOf, getEnvironment, getSweep, runsForAnalysis } from "@reprise/database";
import type { StudyReportInput } from "@reprise/study";
import type { ApiContext } from "./context.js";
import { serverVersion } from "./http/openapi.js";
import { found } from "./http/problems.js";

/** Fetches what a report is made from. @throws {ProblemError} for an unknown sweep or metric. */
export async function reportInputOf(
  { db, compute }: Pick<ApiContext, "db" | "compute">,
  id: string,
  metric: string | undefined,
): Promise<StudyReportInput> {
  const sweep = found(await getSweep(db, id), "sweep", id);
  const analysisOf = (name: AnalysisName) => compute.analysis({ sweepId: id, name, metric, options: {} });
  const [runs, capabilities, determinism, significance, classification] = await Promise.all([
    runsForAnalysis(db, id),
    capabilitiesOf(db, sweep),
    analysisOf("determinism"),
    analysisOf("significance"),
    analysisOf("classification"),
  ]);
  const environmentIds = [...new Set(runs.flatMap(({ environmentId }) => environmentId ?? []))];
  const environments = await Promise.all(
    environmentIds.map((environmentId) => getEnvironment(db, environmentId)),
  );
  const analyses = [determinism, significance, classification].flatMap((analysis) =>
    analysis.analysis === "determinism" ||
    analysis.analysis === "significance" ||
    analysis.analysis === "classification"
      ? [analysis]
      : [],
  );
  return {
    sweep,
    runs,
    analyses,
    environments: environments.flatMap((environment) => environment ?? []),
    dataset: capabilities?.datasets.find(({ name }) => name === sweep.spec.dataset.name) ?? null,
    software: `Reprise ${serverVersion}`,
    generatedAt: new Date().toISOString(),
  };
}
