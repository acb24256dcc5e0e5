import {
  comparisonAnswer,
  type comparisonRequest,
  pageOf,
  type RunGroupsQuery,
  run,
  runGroups,
} from "@reprise/contracts";
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import { callApi } from "./client.js";

/** Which runs a table is about: empty texts stand for no condition. */
export type RunChoice = { sweep: string; status: string; filter: string };

function conditions({ sweep, status, filter }: RunChoice): URLSearchParams {
  const search = new URLSearchParams();
  if (sweep) search.set("sweepId", sweep);
  if (status) search.set("status", status);
  if (filter.trim()) search.set("filter", filter);
  return search;
}

/** A short first page to see at once; what one scrolls to comes in larger pieces. */
const firstPage = 60;
const furtherPage = 1000;

/** Runs in the server's order, a page at a time. */
export const runPagesQuery = (choice: RunChoice, orderBy: string) =>
  infiniteQueryOptions({
    queryKey: ["runs", "pages", choice, orderBy],
    queryFn: ({ signal, pageParam }) => {
      const search = conditions(choice);
      search.set("limit", String(pageParam ? furtherPage : firstPage));
      if (orderBy !== "position") search.set("orderBy", orderBy);
      if (pageParam) search.set("cursor", pageParam);
      return callApi(pageOf(run), `/runs?${search}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** Runs grouped by the server, over all of them. */
export const runGroupsQuery = (
  choice: RunChoice,
  by: readonly string[],
  metric: string,
  value: RunGroupsQuery["value"],
) =>
  queryOptions({
    queryKey: ["runs", "groups", choice, by, metric, value],
    queryFn: ({ signal }) => {
      const search = conditions(choice);
      search.set("by", by.join(","));
      if (metric) search.set("metric", metric);
      search.set("value", value);
      return callApi(runGroups, `/runs/groups?${search}`, { signal });
    },
    placeholderData: keepPreviousData,
  });

/** Groups of runs compared: a question to the server that creates nothing. */
export const comparisonQuery = (request: z.input<typeof comparisonRequest> | null) =>
  queryOptions({
    queryKey: ["comparison", request],
    queryFn: ({ signal }) =>
      callApi(comparisonAnswer, "/comparisons", { method: "POST", body: request, signal }),
    enabled: request !== null,
    placeholderData: keepPreviousData,
  });
