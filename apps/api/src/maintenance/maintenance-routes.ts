import { maintenanceList, retentionAnswer, retentionQuery } from "@reprise/contracts";
import { previewRetention, revisions } from "@reprise/database";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { isHere } from "../artifacts/artifact-files.js";
import type { ApiContext } from "../context.js";
import { problems } from "../http/wire.js";

export const maintenanceRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  app.get(
    "/maintenance",
    {
      schema: {
        operationId: "listMaintenance",
        summary: "Work on what an earlier version wrote, and how far it is",
        tags: ["server"],
        response: { 200: maintenanceList, ...problems },
      },
    },
    async () => ({ items: await revisions(context.db) }),
  );

  app.get(
    "/maintenance/retention",
    {
      // It looks at all logs and files that there are.
      config: { role: "admin" },
      schema: {
        operationId: "previewRetention",
        summary:
          "How long logs and checkpoints are kept, and what would be removed now, by these settings or by others; nothing is removed",
        tags: ["server"],
        querystring: retentionQuery,
        response: { 200: retentionAnswer, ...problems },
      },
    },
    async ({ query }) => {
      const { retention: plan } = context.config;
      return { plan, wouldRemove: await previewRetention(context.db, { ...plan, ...query }, isHere) };
    },
  );
};
