import { pageOf, run } from "@reprise/contracts";
import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { callApi } from "../../shared/api/client.js";
import { andMetrics, type RunChoice, runConditions } from "../../shared/api/run-queries.js";

/** A short first page to see at once; what one scrolls to comes in larger pieces. */
const firstPage = 60;
const furtherPage = 1000;

/** Runs in the server's order, a page at a time; rows hold the metrics that stand for a run, and those named. */
export const runPagesQuery = (choice: RunChoice, orderBy: string, metrics: readonly string[]) =>
  infiniteQueryOptions({
    queryKey: ["runs", "pages", choice, orderBy, metrics],
    queryFn: ({ signal, pageParam }) => {
      const search = runConditions(choice);
      search.set("limit", String(pageParam ? furtherPage : firstPage));
      if (orderBy !== "position") search.set("orderBy", orderBy);
      if (pageParam) search.set("cursor", pageParam);
      return callApi(pageOf(run), `/runs?${search}${andMetrics(metrics)}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
