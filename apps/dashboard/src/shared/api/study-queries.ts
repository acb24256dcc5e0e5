import {
  agreementAnalysis,
  auditReport,
  besideReference,
  energyAnalysis,
  extremesAnalysis,
  importanceAnalysis,
  referenceList,
  referenceStudy,
  rocAnalysis,
  runtimeAnalysis,
  similarityAnalysis,
  studyReport,
  varianceAnalysis,
} from "@reprise/contracts";
import { queryOptions } from "@tanstack/react-query";
import { callApi } from "./client.js";
import { analysisQuery } from "./queries.js";

/** Analyses that are read only where someone looks at them. */
export const extremesQuery = analysisQuery("extremes", extremesAnalysis);
export const runtimeQuery = analysisQuery("runtime", runtimeAnalysis);
export const energyQuery = analysisQuery("energy", energyAnalysis);
export const rocQuery = analysisQuery("roc", rocAnalysis);
export const similarityQuery = analysisQuery("similarity", similarityAnalysis);
export const agreementQuery = analysisQuery("agreement", agreementAnalysis);
export const varianceQuery = analysisQuery("variance", varianceAnalysis);
export const importanceQuery = analysisQuery("importance", importanceAnalysis);

/** Published studies ship with the server and do not change while it runs. */
const published = { staleTime: Number.POSITIVE_INFINITY };

export const referencesQuery = queryOptions({
  queryKey: ["references"],
  queryFn: ({ signal }) => callApi(referenceList, "/references", { signal }).then((list) => list.items),
  ...published,
});

export const referenceQuery = (name: string) =>
  queryOptions({
    queryKey: ["references", name],
    queryFn: ({ signal }) => callApi(referenceStudy, `/references/${encodeURIComponent(name)}`, { signal }),
    ...published,
  });

export const referenceAuditQuery = (name: string) =>
  queryOptions({
    queryKey: ["references", name, "audit"],
    queryFn: ({ signal }) =>
      callApi(auditReport, `/references/${encodeURIComponent(name)}/audit`, { signal }),
    ...published,
  });

export type BesideChoice = {
  reference: string;
  analysis: "determinism" | "significance" | "classification";
  dataset: string;
  metric: string | undefined;
};

/** A measured table beside a published one; below the sweep's analyses, so that it is read anew with them. */
export const besideQuery = (sweepId: string, choice: BesideChoice) =>
  queryOptions({
    queryKey: ["sweep", sweepId, "analysis", "beside", choice],
    queryFn: ({ signal }) => {
      const search = new URLSearchParams({ analysis: choice.analysis });
      if (choice.dataset) search.set("dataset", choice.dataset);
      if (choice.metric) search.set("metric", choice.metric);
      return callApi(
        besideReference,
        `/references/${encodeURIComponent(choice.reference)}/beside/${sweepId}?${search}`,
        { signal },
      );
    },
  });

export const reportQuery = (sweepId: string, metric: string | undefined) =>
  queryOptions({
    queryKey: ["sweep", sweepId, "report", metric ?? null],
    queryFn: ({ signal }) =>
      callApi(
        studyReport,
        `/sweeps/${sweepId}/report${metric ? `?metric=${encodeURIComponent(metric)}` : ""}`,
        { signal },
      ),
  });
