import { preset, referenceList, referenceStudy } from "@reprise/contracts";
import { queryOptions } from "@tanstack/react-query";
import { callApi, listOf } from "./client.js";

export const presetsQuery = queryOptions({
  queryKey: ["presets"],
  queryFn: ({ signal }) => callApi(listOf(preset), "/presets", { signal }),
  staleTime: 60_000,
});

/** Published studies ship with the server and do not change while it runs. */
export const published = { staleTime: Number.POSITIVE_INFINITY };

export const referencesQuery = queryOptions({
  queryKey: ["references"],
  queryFn: ({ signal }) => callApi(referenceList, "/references", { signal }).then((list) => list.items),
  ...published,
});

export const referenceQuery = (name: string) =>
  queryOptions({
    queryKey: ["references", name],
    queryFn: ({ signal }) => callApi(referenceStudy, `/references/${encodeURIComponent(name)}`, { signal }),
    ...published,
  });
