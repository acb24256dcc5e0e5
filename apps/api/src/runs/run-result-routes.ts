import {
  environment,
  evidence,
  locatedDivergence,
  locatedDivergenceAnswer,
  logsQuery,
  metricsQuery,
  predictionsList,
  runLadder,
  runLogs,
  runMetrics,
  runObservations,
  systemMetrics,
  systemMetricsQuery,
} from "@reprise/contracts";
import {
  getEnvironment,
  getRun,
  keepDivergence,
  readDivergence,
  readLadder,
  readLogs,
  readMetrics,
  readObservations,
  readPredictions,
  readSystemMetrics,
} from "@reprise/database";
import { evidenceOf } from "@reprise/study";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { ApiContext } from "../context.js";
import { idempotently } from "../http/idempotency.js";
import { found, problem } from "../http/problems.js";
import { builtAnswer, idempotencyHeaders, idParams, problems } from "../http/wire.js";

export const runResultRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  const { db } = context;

  app.get(
    "/runs/:id/metrics",
    {
      schema: {
        operationId: "getRunMetrics",
        summary:
          "Full histories by step, one value each; `maxPoints` thins them out, keeping minimum, maximum and last of each stretch",
        tags: ["runs"],
        params: idParams,
        querystring: metricsQuery,
        response: { 200: builtAnswer(runMetrics), ...problems },
      },
    },
    async ({ params: { id }, query: { keys, maxPoints, superseded } }) => {
      const options = { keys, maxPoints, superseded: superseded === "true" };
      return found(await readMetrics(db, id, options), "run", id);
    },
  );

  app.get(
    "/runs/:id/system-metrics",
    {
      schema: {
        operationId: "getRunSystemMetrics",
        summary:
          "Processor, memory, threads and GPUs of an attempt (by default the last) and of its machine over wall time; at most 2,000 samples",
        tags: ["runs"],
        params: idParams,
        querystring: systemMetricsQuery,
        response: { 200: systemMetrics, ...problems },
      },
    },
    async ({ params: { id }, query: { attempt } }) =>
      found(await readSystemMetrics(db, id, attempt), "run", id),
  );

  app.get(
    "/runs/:id/observations",
    {
      schema: {
        operationId: "getRunObservations",
        summary:
          "Settings of the training process as its program reported or Reprise's code observed them: in short, judged by what the run was asked for, and every stretch by step",
        tags: ["runs"],
        params: idParams,
        response: { 200: runObservations, ...problems },
      },
    },
    async ({ params: { id } }) => found(await readObservations(db, id), "run", id),
  );

  app.get(
    "/runs/:id/evidence",
    {
      schema: {
        operationId: "getRunEvidence",
        summary:
          "What was seen of the training process by step, what of it contradicts the request, whether the arm held, how much was looked at, and what could not be seen",
        tags: ["runs"],
        params: idParams,
        response: { 200: evidence, ...problems },
      },
    },
    async ({ params: { id } }) => {
      const [run, seen, divergence] = await Promise.all([
        getRun(db, id),
        readObservations(db, id),
        readDivergence(db, id),
      ]);
      return evidenceOf(found(run, "run", id), found(seen, "run", id).stretches, divergence);
    },
  );

  app.post(
    "/runs/:id/divergence",
    {
      schema: {
        operationId: "keepDivergence",
        summary:
          "Keep in which operation two traced trainings of the run's program part, as `python -m reprise locate --run` found it; what was found before is replaced",
        tags: ["runs"],
        headers: idempotencyHeaders,
        params: idParams,
        body: locatedDivergence,
        response: { 200: locatedDivergenceAnswer, ...problems },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { body } = await idempotently(db, request, 200, locatedDivergenceAnswer, async (one) => {
        const { locatedAt } = found(await keepDivergence(one, id, request.body), "run", id);
        return { runId: id, locatedAt };
      });
      return body;
    },
  );

  app.get(
    "/runs/:id/logs",
    {
      schema: {
        operationId: "getRunLogs",
        summary: "Log lines of an attempt, by default of the last",
        tags: ["runs"],
        params: idParams,
        querystring: logsQuery,
        response: { 200: runLogs, ...problems },
      },
    },
    async ({ params: { id }, query }) => found(await readLogs(db, id, query), "run", id),
  );

  app.get(
    "/runs/:id/environment",
    {
      schema: {
        operationId: "getRunEnvironment",
        summary: "The environment a run was trained in",
        tags: ["runs"],
        params: idParams,
        response: { 200: environment, ...problems },
      },
    },
    async ({ params: { id } }) => {
      const { environmentId } = found(await getRun(db, id), "run", id);
      if (environmentId === null) {
        throw problem(
          "not-found",
          "This run has not reported its environment: it has not started yet, or died before.",
        );
      }
      return found(await getEnvironment(db, environmentId), "environment", environmentId);
    },
  );

  app.get(
    "/runs/:id/predictions",
    {
      schema: {
        operationId: "getRunPredictions",
        summary: "Scores of every case at the selected epoch, by split",
        tags: ["runs"],
        params: idParams,
        response: { 200: predictionsList, ...problems },
      },
    },
    async ({ params: { id } }) => ({ items: found(await readPredictions(db, id), "run", id) }),
  );

  app.get(
    "/runs/:id/ladder",
    {
      schema: {
        operationId: "getRunLadder",
        summary: "Digest ladder: from configuration over every epoch to the final weights",
        tags: ["runs"],
        params: idParams,
        response: { 200: runLadder, ...problems },
      },
    },
    async ({ params: { id } }) => found(await readLadder(db, id), "run", id),
  );
};
