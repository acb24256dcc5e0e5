import { comparisonAnswer, comparisonRequest } from "@reprise/contracts";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { ApiContext } from "../context.js";
import { problems, sendWireText } from "../http/wire.js";

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
    async ({ body }, reply) => sendWireText(reply, await context.compute.comparisonText(body)),
  );
};
