import { maintenanceList } from "@reprise/contracts";
import { revisions } from "@reprise/database";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
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
};
