import { announcedTrainer, worker } from "@reprise/contracts";
import { queryOptions } from "@tanstack/react-query";
import { callApi, listOf } from "./client.js";

export const trainersQuery = queryOptions({
  queryKey: ["trainers"],
  queryFn: ({ signal }) => callApi(listOf(announcedTrainer), "/trainers", { signal }),
  staleTime: 30_000,
});

export const workersQuery = queryOptions({
  queryKey: ["workers"],
  queryFn: ({ signal }) => callApi(listOf(worker), "/workers", { signal }),
  refetchInterval: 5_000,
});
