import { type Run, runField } from "@reprise/contracts";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { runQuery } from "../../shared/api/run-queries.js";
import { sweepsQuery } from "../../shared/api/sweep-queries.js";
import { trainersQuery } from "../../shared/api/worker-queries.js";
import { namesIn } from "../../shared/format/name-list.js";
import { knownMetrics } from "../../shared/format/run-metrics.js";
import { runPagesQuery } from "./queries.js";
import type { RunsView } from "./use-runs-view.js";

/** Metrics that the address names: as columns, in the order, as the one that is shown. */
function namedMetrics({ columns, pinned, sort, metric }: RunsView["search"]): string[] {
  const fields = [...namesIn(columns), ...namesIn(pinned), sort.replace(/^-/, "")].map(runField);
  const named = fields.flatMap(({ kind, name }) => (kind === "metric" ? [name] : []));
  return [...new Set([...named, ...(metric ? [metric] : [])])].sort();
}

/** The runs of a view as far as they have been read; grouped ones are not read one by one. */
export function useFoundRuns({ search, choice, grouped }: RunsView) {
  const metrics = useMemo(() => namedMetrics(search), [search]);
  const orderBy = grouped ? "position" : search.sort || (search.sweep ? "position" : "-createdAt");
  const pages = useInfiniteQuery({ ...runPagesQuery(choice, orderBy, metrics), enabled: !grouped });
  const runs = useMemo(() => pages.data?.pages.flatMap(({ items }) => items) ?? [], [pages.data]);
  return { pages, runs };
}

/** Metrics to choose from, and the chosen one: unless the address names it, the primary one of the sweep. */
export function useMetrics({ search }: RunsView, runs: readonly Run[]) {
  const sweeps = useQuery(sweepsQuery);
  const trainers = useQuery(trainersQuery);
  // One run with all its metrics tells what else its like can show.
  const part = runs.find(({ summaryTruncated }) => summaryTruncated);
  const whole = useQuery({ ...runQuery(part?.id ?? ""), enabled: part !== undefined }).data;
  const sweep = sweeps.data?.find(({ id }) => id === search.sweep);
  const metrics = useMemo(
    () => knownMetrics(trainers.data ?? [], whole ? [...runs, whole] : runs, sweep),
    [trainers.data, runs, whole, sweep],
  );
  const metric =
    search.metric || sweep?.spec.analysisPlan?.primaryMetric || (metrics[0] ? "testAccuracy" : "");
  // Until both have answered, another metric may turn out to be meant.
  const isKnown = search.metric !== "" || (!sweeps.isPending && !trainers.isPending);
  return { metrics, metric, isKnown };
}
