import {
  besideReference,
  type PublishedAnalysis,
  pageOf,
  type Run,
  run,
  thumbnails,
} from "@reprise/contracts";
import { queryOptions } from "@tanstack/react-query";
import { callApi, listOf } from "../../shared/api/client.js";

/** All runs of a sweep: pages of a thousand, read to the end. */
export const sweepRunsQuery = (id: string) =>
  queryOptions({
    queryKey: ["sweep", id, "runs"],
    queryFn: async ({ signal }) => {
      const runs: Run[] = [];
      let cursor: string | null = null;
      do {
        const at: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
        const page: { items: Run[]; nextCursor: string | null } = await callApi(
          pageOf(run),
          `/runs?sweepId=${id}&limit=1000${at}`,
          { signal },
        );
        runs.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor);
      return runs;
    },
  });

/** The first few runs of a sweep: what they report, all of them do. */
export const sweepRunSampleQuery = (id: string) =>
  queryOptions({
    queryKey: ["sweep", id, "runs", "sample"],
    queryFn: ({ signal }) =>
      callApi(pageOf(run), `/runs?sweepId=${id}&limit=24`, { signal }).then((page): Run[] => page.items),
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
