import { type AnalysisName, isReported, reportedAnalyses } from "@reprise/contracts";
import {
  capabilitiesOf,
  getEnvironment,
  getSweep,
  readRunEvidence,
  runsForAnalysis,
} from "@reprise/database";
import { getPreset, type StudyReportInput } from "@reprise/study";
import type { ApiContext } from "../context.js";
import { found } from "../http/problems.js";
import { serverVersion } from "../version.js";

/** Fetches what a report is made from. @throws {ProblemError} for an unknown sweep or metric. */
export async function reportInputOf(
  { db, compute }: Pick<ApiContext, "db" | "compute">,
  id: string,
  metric: string | undefined,
): Promise<StudyReportInput> {
  const sweep = found(await getSweep(db, id), "sweep", id);
  const analysisOf = (name: AnalysisName) => compute.analysis({ sweepId: id, name, metric, options: {} });
  const [runs, capabilities, ...computed] = await Promise.all([
    runsForAnalysis(db, id),
    capabilitiesOf(db, sweep),
    ...reportedAnalyses.map(analysisOf),
  ]);
  const environmentIds = [...new Set(runs.flatMap(({ environmentId }) => environmentId ?? []))];
  const environments = await Promise.all(
    environmentIds.map((environmentId) => getEnvironment(db, environmentId)),
  );
  const ended = runs.filter(({ status }) => status === "succeeded").map(({ id: runId }) => runId);
  const evidence = await readRunEvidence(db, ended, []);
  const preset = sweep.preset === null ? null : getPreset(sweep.preset);
  return {
    sweep,
    preset: preset?.ok ? preset.value : null,
    runs,
    analyses: computed.filter(isReported),
    evidence,
    environments: environments.flatMap((environment) => environment ?? []),
    dataset: capabilities?.datasets.find(({ name }) => name === sweep.spec.dataset.name) ?? null,
    software: `Reprise ${serverVersion}`,
    generatedAt: new Date().toISOString(),
  };
}
