import { localization, localizationList, localizationRequest, localizationsQuery } from "@reprise/contracts";
import { getLocalization } from "@reprise/database";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { ApiContext } from "../context.js";
import { idempotently } from "../http/idempotency.js";
import { found } from "../http/problems.js";
import { idempotencyHeaders, idParams, problems } from "../http/wire.js";
import { localizationsOf, requestLocalization, stopLocalization } from "./localizations.js";

const tags = ["verifications"];

export const localizationRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (
  app,
  { context },
) => {
  const { db } = context;

  app.post(
    "/runs/:id/locate",
    {
      schema: {
        operationId: "locateRun",
        summary:
          "Have a worker train a run and another of its configuration side by side, every operation traced, and say in which they part",
        tags,
        headers: idempotencyHeaders,
        params: idParams,
        body: localizationRequest,
        response: { 202: localization, ...problems },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { body, replayed } = await idempotently(db, request, 202, localization, (one) =>
        requestLocalization(one, id, request.body, request.span.traceparent),
      );
      if (!replayed) request.log.info({ runId: id, by: request.principal.name }, "localization queued");
      return reply.code(202).header("location", `/api/v1/localizations/${body.id}`).send(body);
    },
  );

  app.get(
    "/runs/:id/localizations",
    {
      schema: {
        operationId: "listLocalizations",
        summary:
          "Localizations of a run, or of it and another, newest first, and why none could be queued now",
        tags,
        params: idParams,
        querystring: localizationsQuery,
        response: { 200: localizationList, ...problems },
      },
    },
    async ({ params: { id }, query }) => localizationsOf(db, id, query.other),
  );

  app.get(
    "/localizations/:id",
    {
      schema: {
        operationId: "getLocalization",
        summary: "How far a localization is, and what it found",
        tags,
        params: idParams,
        response: { 200: localization, ...problems },
      },
    },
    async ({ params: { id } }) => found(await getLocalization(db, id), "localization", id),
  );

  app.post(
    "/localizations/:id/cancel",
    {
      schema: {
        operationId: "cancelLocalization",
        summary: "End a localization that is queued or running; one that has ended stays",
        tags,
        headers: idempotencyHeaders,
        params: idParams,
        response: { 200: localization, ...problems },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { body, replayed } = await idempotently(db, request, 200, localization, (one) =>
        stopLocalization(one, id),
      );
      const by = request.principal.name;
      if (!replayed) request.log.info({ localizationId: id, by }, "localization cancelled");
      return body;
    },
  );
};
