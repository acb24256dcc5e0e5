import {
  askAnswer,
  askRequest,
  loggedEnd,
  loggedMetrics,
  loggedMetricsAnswer,
  loggedPredictions,
  loggedPredictionsAnswer,
  loggedRun,
  run,
  tellRequest,
} from "@reprise/contracts";
import { recordPredictions } from "@reprise/database";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { ApiContext } from "../context.js";
import { idempotently } from "../http/idempotency.js";
import { idempotencyHeaders, idParams, problems } from "../http/wire.js";
import { ask, tell } from "./asked-runs.js";
import { attemptOf, endRun, logMetrics, logRun } from "./logged-runs.js";

/** Scores and histories of a whole run in one request. */
const bodyLimit = 64 * 1024 * 1024;

export const loggedRunRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  const { db } = context;

  app.post(
    "/runs",
    {
      schema: {
        operationId: "logRun",
        summary:
          "Log a run that is trained elsewhere, in a notebook or by a script; it is running until finished",
        tags: ["runs"],
        headers: idempotencyHeaders,
        body: loggedRun,
        response: { 201: run, ...problems },
      },
    },
    async (request, reply) => {
      const by = request.principal.name;
      const { body } = await idempotently(db, request, 201, run, () => logRun(db, request.body, by));
      return reply.code(201).header("location", `/api/v1/runs/${body.id}`).send(body);
    },
  );

  app.post(
    "/runs/:id/metrics",
    {
      bodyLimit,
      schema: {
        operationId: "logMetrics",
        summary: "Append metrics of one step, or stretches of histories, to a run that is trained elsewhere",
        tags: ["runs"],
        headers: idempotencyHeaders,
        params: idParams,
        body: loggedMetrics,
        response: { 200: loggedMetricsAnswer, ...problems },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { body } = await idempotently(db, request, 200, loggedMetricsAnswer, async () => ({
        runId: id,
        points: await logMetrics(db, id, request.body),
      }));
      return body;
    },
  );

  app.post(
    "/runs/:id/predictions",
    {
      bodyLimit,
      schema: {
        operationId: "logPredictions",
        summary: "Scores of every case of a split; sent again, they replace the first",
        tags: ["runs"],
        headers: idempotencyHeaders,
        params: idParams,
        body: loggedPredictions,
        response: { 200: loggedPredictionsAnswer, ...problems },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { body } = await idempotently(db, request, 200, loggedPredictionsAnswer, async () => {
        await recordPredictions(db, await attemptOf(db, id), request.body);
        return { runId: id, split: request.body.split, cases: request.body.ids.length };
      });
      return body;
    },
  );

  app.post(
    "/runs/:id/finish",
    {
      schema: {
        operationId: "finishRun",
        summary: "End a run that is trained elsewhere",
        tags: ["runs"],
        headers: idempotencyHeaders,
        params: idParams,
        body: loggedEnd,
        response: { 200: run, ...problems },
      },
    },
    async (request) => {
      const { id } = request.params;
      return (await idempotently(db, request, 200, run, () => endRun(db, id, request.body))).body;
    },
  );

  app.post(
    "/sweeps/:id/ask",
    {
      schema: {
        operationId: "ask",
        summary:
          "A sampler outside adds a configuration, or takes the next planned run of a study it trains itself",
        tags: ["sweeps"],
        headers: idempotencyHeaders,
        params: idParams,
        body: askRequest,
        response: { 200: askAnswer, ...problems },
      },
    },
    async (request) => {
      const { id } = request.params;
      const by = request.principal.name;
      return (await idempotently(db, request, 200, askAnswer, () => ask(db, id, request.body, by))).body;
    },
  );

  app.post(
    "/runs/:id/tell",
    {
      schema: {
        operationId: "tell",
        summary: "End a run that was asked for with the value of the objective",
        tags: ["runs"],
        headers: idempotencyHeaders,
        params: idParams,
        body: tellRequest,
        response: { 200: run, ...problems },
      },
    },
    async (request) => {
      const { id } = request.params;
      return (await idempotently(db, request, 200, run, () => tell(db, id, request.body))).body;
    },
  );
};
