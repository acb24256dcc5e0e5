import { webhook, webhookList, webhookRequest } from "@reprise/contracts";
import { createWebhook, deleteWebhook, listWebhooks, testWebhook } from "@reprise/database";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ApiContext } from "../context.js";
import { idempotently } from "../http/idempotency.js";
import { found, notFound, problem } from "../http/problems.js";
import { idempotencyHeaders, idParams, problems } from "../http/wire.js";
import { addressPolicy, refusedUrl } from "./public-address.js";

export const webhookRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  const { db } = context;
  const tags = ["webhooks"];
  const config = { role: "admin" } as const;

  app.post(
    "/webhooks",
    {
      config,
      schema: {
        operationId: "createWebhook",
        summary: "Tell an address of sweeps that end or fail; the address is not shown again",
        tags,
        headers: idempotencyHeaders,
        body: webhookRequest,
        response: { 201: webhook, ...problems },
      },
    },
    async (request, reply) => {
      const refusal = refusedUrl(request.body.url, addressPolicy(context.config));
      if (refusal !== null) {
        throw problem("invalid-request", "Messages cannot be sent to this address.", {
          errors: [{ path: "url", message: refusal }],
        });
      }
      const linkBase = `${request.protocol}://${request.host}`;
      const { body, replayed } = await idempotently(db, request, 201, webhook, (one) =>
        createWebhook(one, { ...request.body, linkBase }),
      );
      const by = request.principal.name;
      if (!replayed) request.log.info({ webhookId: body.id, by }, "webhook created");
      return reply.code(201).send(body);
    },
  );

  app.get(
    "/webhooks",
    {
      config,
      schema: {
        operationId: "listWebhooks",
        summary: "Webhooks with their last delivery, newest first",
        tags,
        response: { 200: webhookList, ...problems },
      },
    },
    async () => ({ items: await listWebhooks(db) }),
  );

  app.post(
    "/webhooks/:id/test",
    {
      config,
      schema: {
        operationId: "testWebhook",
        summary: "Queue a test message",
        tags,
        headers: idempotencyHeaders,
        params: idParams,
        response: { 202: webhook, ...problems },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { body } = await idempotently(db, request, 202, webhook, async (one) =>
        found(await testWebhook(one, id), "webhook", id),
      );
      return reply.code(202).send(body);
    },
  );

  app.delete(
    "/webhooks/:id",
    {
      config,
      schema: {
        operationId: "deleteWebhook",
        summary: "Forget a webhook and what is still to be sent to it",
        tags,
        params: idParams,
        response: { 204: z.undefined().describe("Deleted"), ...problems },
      },
    },
    async ({ params: { id } }, reply) => {
      if (!(await deleteWebhook(db, id))) throw notFound("webhook", id);
      return reply.code(204).send(undefined);
    },
  );
};
