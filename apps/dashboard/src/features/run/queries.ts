import {
  artifactList,
  environment,
  fileTotals,
  predictions,
  runMetrics,
  systemMetrics,
  thumbnails,
  verificationList,
  weightDistances,
} from "@reprise/contracts";
import { queryOptions } from "@tanstack/react-query";
import { callApi, listOf } from "../../shared/api/client.js";

export const runMetricsQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "metrics"],
    queryFn: ({ signal }) => callApi(runMetrics, `/runs/${id}/metrics`, { signal }),
  });

/** With what later reports of the same steps replaced. */
export const runSupersededQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "metrics", "superseded"],
    queryFn: ({ signal }) => callApi(runMetrics, `/runs/${id}/metrics?superseded=true`, { signal }),
  });

/** Of one attempt, by default the last. */
export const runSystemQuery = (id: string, attempt: number | null) =>
  queryOptions({
    queryKey: ["run", id, "system", attempt],
    queryFn: ({ signal }) =>
      callApi(systemMetrics, `/runs/${id}/system-metrics${attempt === null ? "" : `?attempt=${attempt}`}`, {
        signal,
      }),
  });

/** Newest first, and which other workers could train the run again now. */
export const runVerificationsQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "verifications"],
    queryFn: ({ signal }) => callApi(verificationList, `/runs/${id}/verifications`, { signal }),
  });

/** How far a run's weights and its repetition's lie apart; both have ended, so it does not change. */
export const weightDistancesQuery = (verificationId: string) =>
  queryOptions({
    queryKey: ["verification", verificationId, "weight-distances"],
    queryFn: ({ signal }) =>
      callApi(weightDistances, `/verifications/${verificationId}/weight-distances`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const runEnvironmentQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "environment"],
    queryFn: ({ signal }) => callApi(environment, `/runs/${id}/environment`, { signal }),
  });

export const runArtifactsQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "artifacts"],
    queryFn: ({ signal }) => callApi(artifactList, `/runs/${id}/artifacts`, { signal }),
  });

/** Files that the runs of a sweep have stored. */
export const sweepFilesQuery = (id: string) =>
  queryOptions({
    queryKey: ["sweep", id, "files"],
    queryFn: ({ signal }) => callApi(fileTotals, `/sweeps/${id}/artifacts`, { signal }),
  });

export const runPredictionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "predictions"],
    queryFn: ({ signal }) => callApi(listOf(predictions), `/runs/${id}/predictions`, { signal }),
  });

/** Sheets with small pictures of the evaluated cases; none for tables. */
export const runThumbnailsQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "thumbnails"],
    queryFn: ({ signal }) => callApi(listOf(thumbnails), `/runs/${id}/thumbnails`, { signal }),
  });
