import { maintenanceTask, tokenInfo, webhook } from "@reprise/contracts";
import { queryOptions } from "@tanstack/react-query";
import { callApi, listOf } from "../../shared/api/client.js";

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => callApi(listOf(tokenInfo), "/tokens", { signal }),
});

export const maintenanceQuery = queryOptions({
  queryKey: ["maintenance"],
  queryFn: ({ signal }) => callApi(listOf(maintenanceTask), "/maintenance", { signal }),
  refetchInterval: ({ state }) => (state.data?.some(({ finishedAt }) => finishedAt === null) ? 2_000 : false),
});

export const webhooksQuery = queryOptions({
  queryKey: ["webhooks"],
  queryFn: ({ signal }) => callApi(listOf(webhook), "/webhooks", { signal }),
  // A message is on its way for seconds: what became of it appears by itself.
  refetchInterval: ({ state }) =>
    state.data?.some(({ lastDelivery }) => lastDelivery?.status === "pending") ? 1_000 : 15_000,
});
