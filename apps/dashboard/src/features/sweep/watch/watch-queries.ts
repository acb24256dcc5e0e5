import { failureGroup, pageOf, run } from "@reprise/contracts";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { callApi, listOf } from "../../../shared/api/client.js";

export const failuresQuery = (sweepId: string) =>
  queryOptions({
    queryKey: ["sweep", sweepId, "runs", "failures"],
    queryFn: ({ signal }) => callApi(listOf(failureGroup), `/sweeps/${sweepId}/failures`, { signal }),
  });

const runsBy = (sweepId: string, conditions: string) => `/runs?sweepId=${sweepId}&limit=500&${conditions}`;

/** Runs that train now, and those that ended since an instant: what the lanes show. */
export const laneRunsQuery = (sweepId: string, since: string) =>
  queryOptions({
    queryKey: ["sweep", sweepId, "runs", "lanes", since],
    queryFn: async ({ signal }) => {
      const [running, ended] = await Promise.all([
        callApi(pageOf(run), runsBy(sweepId, "status=running"), { signal }),
        callApi(
          pageOf(run),
          runsBy(sweepId, `filter=${encodeURIComponent(`attributes.endedAt >= '${since}'`)}`),
          { signal },
        ),
      ]);
      return [...ended.items.filter((each) => each.status !== "running"), ...running.items];
    },
    refetchInterval: 2_000,
    placeholderData: keepPreviousData,
  });
