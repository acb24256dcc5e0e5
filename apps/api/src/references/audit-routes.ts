import { auditReading, auditReadingRequest, auditReport, auditRequest } from "@reprise/contracts";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { ApiContext } from "../context.js";
import { problems } from "../http/wire.js";

export const auditRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  app.post(
    "/audits/readings",
    {
      config: { role: "viewer" },
      schema: {
        operationId: "readTable",
        summary:
          "Read a pasted table without checking it: what its columns seem to be, and every cell that is not understood",
        tags: ["references"],
        body: auditReadingRequest,
        response: { 200: auditReading, ...problems },
      },
    },
    async ({ body }) => context.compute.readTable(body),
  );

  app.post(
    "/audits",
    {
      config: { role: "viewer" },
      schema: {
        operationId: "auditTables",
        summary:
          "Check pasted summary tables with the rules that check the published ones; nothing is stored",
        tags: ["references"],
        body: auditRequest,
        response: { 200: auditReport, ...problems },
      },
    },
    async ({ body }) => context.compute.audit(body),
  );
};
