import { datasetInfo } from "@reprise/contracts";
import { queryOptions } from "@tanstack/react-query";
import { callApi, listOf } from "../../shared/api/client.js";

export const datasetsQuery = queryOptions({
  queryKey: ["datasets"],
  queryFn: ({ signal }) => callApi(listOf(datasetInfo), "/datasets", { signal }),
  staleTime: 30_000,
});
