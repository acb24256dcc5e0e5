import { comparisonAnswer, type comparisonRequest } from "@reprise/contracts";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import { callApi } from "../../shared/api/client.js";

/** Groups of runs compared: a question to the server that creates nothing. */
export const comparisonQuery = (request: z.input<typeof comparisonRequest> | null) =>
  queryOptions({
    queryKey: ["comparison", request],
    queryFn: ({ signal }) =>
      callApi(comparisonAnswer, "/comparisons", { method: "POST", body: request, signal }),
    enabled: request !== null,
    placeholderData: keepPreviousData,
  });
