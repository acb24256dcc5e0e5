import { verification, verificationList, verificationRequest, weightDistances } from "@reprise/contracts";
import { getVerification } from "@reprise/database";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { ApiContext } from "../context.js";
import { idempotently } from "../http/idempotency.js";
import { found } from "../http/problems.js";
import { idempotencyHeaders, idParams, problems } from "../http/wire.js";
import { weightDistancesOf } from "./divergence-evidence.js";
import { requestVerification, verificationsOf } from "./verifications.js";

const actions = [
  {
    kind: "verify",
    operationId: "verifyRun",
    summary: "Train a succeeded run again and compare the digest ladders of both",
  },
  {
    kind: "replay",
    operationId: "replayRun",
    summary: "Train a free run again in its recorded summation order, which should give the same bits",
  },
] as const;

export const verificationRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (
  app,
  { context },
) => {
  const { db } = context;

  for (const { kind, operationId, summary } of actions) {
    app.post(
      `/runs/:id/${kind}`,
      {
        schema: {
          operationId,
          summary,
          tags: ["verifications"],
          headers: idempotencyHeaders,
          params: idParams,
          body: verificationRequest,
          response: { 202: verification, ...problems },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const { body, replayed } = await idempotently(db, request, 202, verification, (one) =>
          requestVerification(one, id, kind, { ...request.body, traceparent: request.span.traceparent }),
        );
        if (!replayed) {
          request.log.info({ runId: id, kind, by: request.principal.name }, "verification queued");
        }
        return reply.code(202).header("location", `/api/v1/verifications/${body.id}`).send(body);
      },
    );
  }

  app.get(
    "/verifications/:id",
    {
      schema: {
        operationId: "getVerification",
        summary: "How far a verification is, and what it found",
        tags: ["verifications"],
        params: idParams,
        response: { 200: verification, ...problems },
      },
    },
    async ({ params: { id } }) => found(await getVerification(db, id), "verification", id),
  );

  app.get(
    "/verifications/:id/weight-distances",
    {
      schema: {
        operationId: "getWeightDistances",
        summary: "How far the weights of both runs lie apart wherever both kept them",
        tags: ["verifications"],
        params: idParams,
        response: { 200: weightDistances, ...problems },
      },
    },
    async ({ params: { id } }) => ({
      items: await weightDistancesOf(db, found(await getVerification(db, id), "verification", id)),
    }),
  );

  app.get(
    "/runs/:id/verifications",
    {
      schema: {
        operationId: "listVerifications",
        summary:
          "Verifications and replays of a run, newest first, and which other workers could train it now",
        tags: ["verifications"],
        params: idParams,
        response: { 200: verificationList, ...problems },
      },
    },
    async ({ params: { id } }) => found(await verificationsOf(db, id), "run", id),
  );
};
