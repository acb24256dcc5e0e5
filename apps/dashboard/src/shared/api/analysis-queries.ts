import { type AnalysisName, determinismAnalysis } from "@reprise/contracts";
import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import { callApi } from "./client.js";

export const analysisPath = (id: string, name: AnalysisName, metric: string | undefined) =>
  `/sweeps/${id}/analyses/${name}${metric ? `?metric=${encodeURIComponent(metric)}` : ""}`;

/** One analysis of a sweep; without `metric` the primary one of its plan. */
export const analysisQuery =
  <T>(name: AnalysisName, schema: z.ZodType<T>) =>
  (id: string, metric?: string) =>
    queryOptions({
      queryKey: ["sweep", id, "analysis", name, metric ?? null],
      queryFn: ({ signal }): Promise<T> => callApi(schema, analysisPath(id, name, metric), { signal }),
    });

export const determinismQuery = analysisQuery("determinism", determinismAnalysis);
