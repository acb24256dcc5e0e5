import { pageOf, stripRun, sweep } from "@reprise/contracts";
import { queryOptions } from "@tanstack/react-query";
import { callApi, listOf } from "./client.js";

// Keys of queries nest: a prefix invalidates all below it.

export const sweepsQuery = queryOptions({
  queryKey: ["sweeps"],
  queryFn: ({ signal }) => callApi(pageOf(sweep), "/sweeps?limit=200", { signal }).then((page) => page.items),
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
