import type { Run } from "@reprise/contracts";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { sweepsQuery } from "../../shared/api/sweep-queries.js";
import { trainersQuery } from "../../shared/api/worker-queries.js";
import { knownMetrics } from "../../shared/format/run-metrics.js";
import { runPagesQuery } from "./queries.js";
import type { RunsView } from "./use-runs-view.js";

/** The runs of a view as far as they have been read; grouped ones are not read one by one. */
export function useFoundRuns({ search, choice, grouped }: RunsView) {
  const orderBy = grouped ? "position" : search.sort || (search.sweep ? "position" : "-createdAt");
  const pages = useInfiniteQuery({ ...runPagesQuery(choice, orderBy), enabled: !grouped });
  const runs = useMemo(() => pages.data?.pages.flatMap(({ items }) => items) ?? [], [pages.data]);
  return { pages, runs };
}

/** Metrics to choose from, and the chosen one: unless the address names it, the primary one of the sweep. */
export function useMetrics({ search }: RunsView, runs: readonly Run[]) {
  const sweeps = useQuery(sweepsQuery);
  const trainers = useQuery(trainersQuery);
  const metrics = useMemo(() => knownMetrics(trainers.data ?? [], runs), [trainers.data, runs]);
  const sweep = sweeps.data?.find(({ id }) => id === search.sweep);
  const metric =
    search.metric || sweep?.spec.analysisPlan?.primaryMetric || (metrics[0] ? "testAccuracy" : "");
  // Until both have answered, another metric may turn out to be meant.
  const isKnown = search.metric !== "" || (!sweeps.isPending && !trainers.isPending);
  return { metrics, metric, isKnown };
}
