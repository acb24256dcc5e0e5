import { evidence, type RunGroupsQuery, runDetail, runDiff, runGroups, runLadder } from "@reprise/contracts";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { callApi } from "./client.js";

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id],
    queryFn: ({ signal }) => callApi(runDetail, `/runs/${id}`, { signal }),
  });

export const runLadderQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "ladder"],
    queryFn: ({ signal }) => callApi(runLadder, `/runs/${id}/ladder`, { signal }),
  });

/** What was seen of the training process, held against what was requested. */
export const runEvidenceQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "evidence"],
    queryFn: ({ signal }) => callApi(evidence, `/runs/${id}/evidence`, { signal }),
  });

export const runDiffQuery = (id: string, otherId: string) =>
  queryOptions({
    queryKey: ["diff", id, otherId],
    queryFn: ({ signal }) => callApi(runDiff, `/runs/${id}/diff/${otherId}`, { signal }),
  });

/** Which runs a table is about: empty texts stand for no condition. */
export type RunChoice = { sweep: string; status: string; filter: string };

/** The conditions as the server's addresses name them. */
export function runConditions({ sweep, status, filter }: RunChoice): URLSearchParams {
  const search = new URLSearchParams();
  if (sweep) search.set("sweepId", sweep);
  if (status) search.set("status", status);
  if (filter.trim()) search.set("filter", filter);
  return search;
}

/** The end of an address whose rows hold these metrics, too, beside those that stand for a run. */
export const andMetrics = (metrics: readonly string[]): string =>
  metrics.length === 0
    ? ""
    : `&${new URLSearchParams(["default", ...metrics].map((name) => ["metrics", name]))}`;

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
      const search = runConditions(choice);
      search.set("by", by.join(","));
      if (metric) search.set("metric", metric);
      search.set("value", value);
      return callApi(runGroups, `/runs/groups?${search}`, { signal });
    },
    placeholderData: keepPreviousData,
  });
