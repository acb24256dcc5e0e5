import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { runGroupsQuery } from "../../shared/api/run-queries.js";
import { sweepsQuery } from "../../shared/api/sweep-queries.js";
import { trainersQuery } from "../../shared/api/worker-queries.js";
import { namesIn } from "../../shared/format/name-list.js";
import { knownMetrics } from "../../shared/format/run-metrics.js";
import type { comparisonQuery } from "./queries.js";
import { suggestionsOf } from "./suggestions.js";

const route = getRouteApi("/compare");

/** What the address asks to be compared, completed by what its sweep was made to compare; and the way to change it. */
export function useComparison() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const sweeps = useQuery(sweepsQuery);
  const trainers = useQuery(trainersQuery);
  const sweepId = search.sweep || sweeps.data?.[0]?.id || "";
  const sweep = sweeps.data?.find(({ id }) => id === sweepId);
  const metrics = knownMetrics(trainers.data ?? [], [], sweep);
  const named = namesIn(search.metrics);
  const chosen = named.length > 0 ? named : [sweep?.spec.analysisPlan?.primaryMetric ?? "testAccuracy"];
  const setSearch = (change: Partial<typeof search>) =>
    void navigate({
      to: "/compare",
      search: { ...search, sweep: sweepId, ...change },
      replace: true,
      resetScroll: false,
    });

  const groupsBy = (field: "arm" | "configurationLabel", metric: string) => ({
    ...runGroupsQuery({ sweep: sweepId, status: "", filter: "" }, [field], metric, "selected"),
    enabled: sweepId !== "",
    placeholderData: undefined,
  });
  const configurations = useQuery(groupsBy("configurationLabel", ""));
  const arms = useQuery(groupsBy("arm", chosen[0] ?? ""));
  const suggestions = useMemo(
    () =>
      sweep && configurations.data && arms.data ? suggestionsOf(sweep, configurations.data, arms.data) : [],
    [sweep, configurations.data, arms.data],
  );
  // Until somebody asks for more, the first comparison that the sweep was made for; its groups can be changed.
  const groups = search.groups.length > 0 ? search.groups : (suggestions[0]?.groups ?? []);

  const margin = Number(search.margin);
  const marginOf = (key: string) =>
    metrics.find((metric) => metric.key === key)?.unit === "fraction" ? margin / 100 : margin;
  const request: Parameters<typeof comparisonQuery>[0] =
    sweepId !== "" && groups.length >= 2
      ? {
          sweepId,
          groups,
          metrics: chosen,
          pairing: search.pairing === "never" ? "never" : "auto",
          ...(groups.some(({ name }) => name === search.baseline) ? { baseline: search.baseline } : {}),
          margin: margin > 0 ? Object.fromEntries(chosen.map((key) => [key, marginOf(key)])) : {},
        }
      : null;
  return {
    search,
    setSearch,
    sweepId,
    metrics,
    chosen,
    suggestions,
    groups,
    request,
    /** Whether nothing is awaited that decides what stands above the answer. */
    isSettled: !sweeps.isPending && (sweepId === "" || !(configurations.isPending || arms.isPending)),
    /** Whether it is known what the sweep was made to compare, or that there is no sweep. */
    isComplete: sweeps.isSuccess && (sweepId === "" || (configurations.isSuccess && arms.isSuccess)),
  };
}

export type Comparison = ReturnType<typeof useComparison>;
