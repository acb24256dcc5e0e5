import {
  besideReference,
  type PublishedAnalysis,
  pageOf,
  type Run,
  run,
  runDetail,
  thumbnails,
} from "@reprise/contracts";
import { queryOptions } from "@tanstack/react-query";
import { callApi, listOf } from "../../shared/api/client.js";
import { andMetrics } from "../../shared/api/run-queries.js";

/** All runs of a sweep, with the metric that is shown: pages of a thousand, read to the end. */
export const sweepRunsQuery = (id: string, metric: string | undefined) =>
  queryOptions({
    queryKey: ["sweep", id, "runs", "all", metric],
    queryFn: async ({ signal }) => {
      const runs: Run[] = [];
      let cursor: string | null = null;
      do {
        const at: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
        const page: { items: Run[]; nextCursor: string | null } = await callApi(
          pageOf(run),
          `/runs?sweepId=${id}&limit=1000${andMetrics(metric === undefined ? [] : [metric])}${at}`,
          { signal },
        );
        runs.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor);
      return runs;
    },
  });

/** The first few runs of a sweep, one of them with all its metrics: what they report, all of them do. */
export const sweepRunSampleQuery = (id: string) =>
  queryOptions({
    queryKey: ["sweep", id, "runs", "sample"],
    queryFn: async ({ signal }): Promise<Run[]> => {
      const { items } = await callApi(pageOf(run), `/runs?sweepId=${id}&limit=24`, { signal });
      const part = items.find(({ summaryTruncated }) => summaryTruncated);
      return part ? [...items, await callApi(runDetail, `/runs/${part.id}`, { signal })] : items;
    },
  });

export type BesideChoice = {
  reference: string;
  analysis: PublishedAnalysis["analysis"];
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

export const sweepThumbnailsQuery = (id: string) =>
  queryOptions({
    queryKey: ["sweep", id, "thumbnails"],
    queryFn: ({ signal }) => callApi(listOf(thumbnails), `/sweeps/${id}/thumbnails`, { signal }),
  });
