import { runValues } from "@reprise/contracts";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback } from "react";
import { namesIn } from "../../shared/format/name-list.js";

const route = getRouteApi("/runs");

/** What the address says is to be seen, and the way to change it. */
export function useRunsView() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const setSearch = useCallback(
    (change: Partial<typeof search>) =>
      void navigate({
        to: "/runs",
        search: (previous) => ({ ...previous, ...change }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const by = namesIn(search.by);
  return {
    search,
    setSearch,
    by,
    grouped: by.length > 0,
    choice: { sweep: search.sweep, status: search.status, filter: search.filter },
    value: runValues.find((name) => name === search.value) ?? "selected",
  };
}

export type RunsView = ReturnType<typeof useRunsView>;
