import { studyReport } from "@reprise/contracts";
import { queryOptions } from "@tanstack/react-query";
import { callApi } from "../../shared/api/client.js";

export const reportQuery = (sweepId: string, metric: string | undefined) =>
  queryOptions({
    queryKey: ["sweep", sweepId, "report", metric ?? null],
    queryFn: ({ signal }) =>
      callApi(
        studyReport,
        `/sweeps/${sweepId}/report${metric ? `?metric=${encodeURIComponent(metric)}` : ""}`,
        { signal },
      ),
  });
