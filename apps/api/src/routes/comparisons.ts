import { comparisonAnswer, comparisonRequest } from "@reprise/contracts";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { compare } from "../comparisons.js";
import type { ApiContext } from "../context.js";
import { problems } from "../http/wire.js";

export const comparisonRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  app.post(
    "/comparisons",
    {
      // It creates nothing.
      config: { role: "viewer" },
      schema: {
        operationId: "compareRuns",
        summary:
          "Groups of runs by filter, compared on metrics: paired where possible, with equivalence and correction",
        tags: ["analyses"],
        body: comparisonRequest,
        response: { 200: comparisonAnswer, ...problems },
      },
    },
    async ({ body }) => compare(context.db, body),
  );
};
