import { type AnalysisAnswers, type AnalysisName, answerSchema } from "@reprise/contracts";
import { queryOptions } from "@tanstack/react-query";
import { callApi } from "./client.js";

export const analysisPath = (id: string, name: AnalysisName, metric: string | undefined) =>
  `/sweeps/${id}/analyses/${name}${metric ? `?metric=${encodeURIComponent(metric)}` : ""}`;

/** One analysis of a sweep; without `metric` the primary one of its plan. */
export const analysisQuery = <Name extends AnalysisName>(id: string, name: Name, metric?: string) =>
  queryOptions({
    queryKey: ["sweep", id, "analysis", name, metric ?? null],
    queryFn: ({ signal }): Promise<AnalysisAnswers[Name]> =>
      callApi(answerSchema(name), analysisPath(id, name, metric), { signal }),
  });
