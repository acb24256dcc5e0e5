import {
  type AnalysisName,
  announcedTrainer,
  artifactList,
  classificationAnalysis,
  configurationsAnalysis,
  curvesAnalysis,
  datasetInfo,
  determinismAnalysis,
  environment,
  keptFiles,
  pageOf,
  predictions,
  preset,
  type Run,
  run,
  runDetail,
  runDiff,
  runLadder,
  runMetrics,
  significanceAnalysis,
  stripRun,
  sweep,
  systemMetrics,
  thumbnails,
  verificationList,
  weightDistances,
  worker,
} from "@reprise/contracts";
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { callApi } from "./client.js";

const listOf = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item) }).transform((list) => list.items);

/** Every query of the dashboard: key, address and schema in one place. Keys nest, so a prefix invalidates. */
export const sweepsQuery = queryOptions({
  queryKey: ["sweeps"],
  queryFn: ({ signal }) => callApi(pageOf(sweep), "/sweeps?limit=200", { signal }).then((page) => page.items),
});

/** Empty texts stand for no condition. */
export type SweepChoice = { name: string; status: string; tag: string };

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

export const sweepQuery = (id: string) =>
  queryOptions({
    queryKey: ["sweep", id],
    queryFn: ({ signal }) => callApi(sweep, `/sweeps/${id}`, { signal }),
  });

export const stripQuery = (id: string) =>
  queryOptions({
    queryKey: ["sweep", id, "strip"],
    queryFn: ({ signal }) => callApi(listOf(stripRun), `/sweeps/${id}/strip`, { signal }),
  });

/** All runs of a sweep: pages of a thousand, read to the end. */
export const sweepRunsQuery = (id: string) =>
  queryOptions({
    queryKey: ["sweep", id, "runs"],
    queryFn: async ({ signal }) => {
      const runs: Run[] = [];
      let cursor: string | null = null;
      do {
        const at: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
        const page: { items: Run[]; nextCursor: string | null } = await callApi(
          pageOf(run),
          `/runs?sweepId=${id}&limit=1000${at}`,
          { signal },
        );
        runs.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor);
      return runs;
    },
  });

/** The first few runs of a sweep: what they report, all of them do. */
export const sweepRunSampleQuery = (id: string) =>
  queryOptions({
    queryKey: ["sweep", id, "runs", "sample"],
    queryFn: ({ signal }) =>
      callApi(pageOf(run), `/runs?sweepId=${id}&limit=24`, { signal }).then((page): Run[] => page.items),
  });

export const analysisPath = (id: string, name: AnalysisName, metric: string | undefined) =>
  `/sweeps/${id}/analyses/${name}${metric ? `?metric=${encodeURIComponent(metric)}` : ""}`;

/** One analysis of a sweep; without `metric` the primary one of its plan. */
export const analysisQuery =
  <T>(name: AnalysisName, schema: z.ZodType<T>) =>
  (id: string, metric?: string) =>
    queryOptions({
      queryKey: ["sweep", id, "analysis", name, metric ?? null],
      queryFn: ({ signal }): Promise<T> => callApi(schema, analysisPath(id, name, metric), { signal }),
    });
export const determinismQuery = analysisQuery("determinism", determinismAnalysis);
export const significanceQuery = analysisQuery("significance", significanceAnalysis);
export const configurationsQuery = analysisQuery("configurations", configurationsAnalysis);
export const classificationQuery = analysisQuery("classification", classificationAnalysis);
export const curvesQuery = analysisQuery("curves", curvesAnalysis);

export const presetsQuery = queryOptions({
  queryKey: ["presets"],
  queryFn: ({ signal }) => callApi(listOf(preset), "/presets", { signal }),
  staleTime: 60_000,
});

export const trainersQuery = queryOptions({
  queryKey: ["trainers"],
  queryFn: ({ signal }) => callApi(listOf(announcedTrainer), "/trainers", { signal }),
  staleTime: 30_000,
});

export const datasetsQuery = queryOptions({
  queryKey: ["datasets"],
  queryFn: ({ signal }) => callApi(listOf(datasetInfo), "/datasets", { signal }),
  staleTime: 30_000,
});

export const workersQuery = queryOptions({
  queryKey: ["workers"],
  queryFn: ({ signal }) => callApi(listOf(worker), "/workers", { signal }),
  refetchInterval: 5_000,
});

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id],
    queryFn: ({ signal }) => callApi(runDetail, `/runs/${id}`, { signal }),
  });

export const runMetricsQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "metrics"],
    queryFn: ({ signal }) => callApi(runMetrics, `/runs/${id}/metrics`, { signal }),
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

export const runLadderQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "ladder"],
    queryFn: ({ signal }) => callApi(runLadder, `/runs/${id}/ladder`, { signal }),
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

/** What all runs of a sweep keep. */
export const sweepFilesQuery = (id: string) =>
  queryOptions({
    queryKey: ["sweep", id, "files"],
    queryFn: ({ signal }) => callApi(keptFiles, `/sweeps/${id}/artifacts`, { signal }),
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
export const sweepThumbnailsQuery = (id: string) =>
  queryOptions({
    queryKey: ["sweep", id, "thumbnails"],
    queryFn: ({ signal }) => callApi(listOf(thumbnails), `/sweeps/${id}/thumbnails`, { signal }),
  });

export const runDiffQuery = (id: string, otherId: string) =>
  queryOptions({
    queryKey: ["diff", id, otherId],
    queryFn: ({ signal }) => callApi(runDiff, `/runs/${id}/diff/${otherId}`, { signal }),
  });
