import { environment } from "@reprise/contracts";
import { getEnvironment } from "@reprise/database";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ApiContext } from "../context.js";
import { found } from "../http/problems.js";
import { problems } from "../http/wire.js";

export const environmentRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  app.get(
    "/environments/:id",
    {
      schema: {
        operationId: "getEnvironment",
        summary: "A fingerprint of hardware, libraries, code and data",
        tags: ["runs"],
        params: z.strictObject({ id: z.string().min(1).max(128) }),
        response: { 200: environment, ...problems },
      },
    },
    async ({ params: { id } }) => found(await getEnvironment(context.db, id), "environment", id),
  );
};
