import { session, tokenInfo, webhook } from "@reprise/contracts";
import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { callApi } from "./client.js";

const nobody = z.undefined().transform(() => null);

/** Who is asking, and whether the server asks for tokens at all. Null: it does, and this browser has none that is valid. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => callApi(session.or(nobody), "/session", { signal }),
  staleTime: 60_000,
});

const itemsOf = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item) }).transform(({ items }) => items);

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => callApi(itemsOf(tokenInfo), "/tokens", { signal }),
});

export const webhooksQuery = queryOptions({
  queryKey: ["webhooks"],
  queryFn: ({ signal }) => callApi(itemsOf(webhook), "/webhooks", { signal }),
  // A message is on its way for seconds: what became of it appears by itself.
  refetchInterval: ({ state }) =>
    state.data?.some(({ lastDelivery }) => lastDelivery?.status === "pending") ? 1_000 : 15_000,
});
