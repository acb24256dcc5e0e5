import { session } from "@reprise/contracts";
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
