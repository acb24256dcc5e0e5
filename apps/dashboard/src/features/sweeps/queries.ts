import { pageOf, sweep } from "@reprise/contracts";
import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { callApi } from "../../shared/api/client.js";

/** Empty texts stand for no condition. */
export type SweepChoice = { name: string; status: string; tag: string; archived: "" | "true" };

/** Sweeps that the server chose, newest first, so many at a time. */
export const sweepPagesQuery = (choice: SweepChoice) =>
  infiniteQueryOptions({
    queryKey: ["sweeps", "pages", choice],
    queryFn: ({ signal, pageParam }) => {
      const search = new URLSearchParams({ limit: "50" });
      for (const [key, value] of Object.entries(choice)) if (value.trim()) search.set(key, value.trim());
      if (pageParam) search.set("cursor", pageParam);
      return callApi(pageOf(sweep), `/sweeps?${search}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
