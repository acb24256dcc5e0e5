import {
  askAnswer,
  askRequest,
  beginAttemptRequest,
  heartbeatAnswer,
  loggedEnd,
  loggedMetrics,
  loggedMetricsAnswer,
  loggedObservations,
  loggedObservationsAnswer,
  loggedPredictions,
  loggedPredictionsAnswer,
  loggedRun,
  run,
  tellRequest,
} from "@reprise/contracts";
import { beginAttempt, getRun, type Outsider } from "@reprise/database";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { z } from "zod";
import type { ApiContext } from "../context.js";
import { idempotently, type KeyedRequest } from "../http/idempotency.js";
import { longBodyOf } from "../http/long-body.js";
import { found, transitioned } from "../http/problems.js";
import { attemptHeaders, idempotencyHeaders, idParams, problems } from "../http/wire.js";
import { ask, tell } from "./asked-runs.js";
import { type Report, type ReportName, reports, writeReport } from "./logged-reports.js";
import { attemptOf, endRun, logRun, refuseManyNames, withEnvironment } from "./logged-runs.js";

/** Scores of a whole run in one request. */
const bodyLimit = 64 * 1024 * 1024;

/** Metrics go in batches: half a million points. */
const metricsLimit = 16 * 1024 * 1024;

/** The attempt that a report names. */
const named = (headers: { "reprise-attempt"?: number | undefined }) => headers["reprise-attempt"] ?? null;

type ReportRequest<Body> = Omit<KeyedRequest, "headers"> & {
  params: { id: string };
  headers: { "idempotency-key"?: string | undefined; "reprise-attempt"?: number | undefined };
  body: Body;
};

export const loggedRunRoutes: FastifyPluginAsyncZod<{ context: ApiContext }> = async (app, { context }) => {
  const { db, config } = context;
  const outsiderOf = (by: string, seconds: number | undefined): Outsider => ({
    by,
    leaseMs: seconds === undefined ? null : seconds * 1000,
    serverLeaseMs: config.loggedRunLeaseMs,
  });

  /** What is short is read and written here; a thread does both with what is long. */
  const taking =
    <Body, Answer extends z.ZodType>(name: ReportName, report: Report<Body, Answer>) =>
    async (request: ReportRequest<Body>): Promise<z.output<Answer>> => {
      const { method, url, headers, principal } = request;
      const reported = {
        runId: request.params.id,
        attempt: named(headers),
        request: {
          ...{ method, url, principal: { name: principal.name } },
          headers: { "idempotency-key": headers["idempotency-key"] },
        },
      };
      const long = longBodyOf(request);
      if (long === null) return writeReport(db, report, reported, request.body);
      return report.answer.parse(await context.compute.longReport({ ...long, name, reported }));
    };

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
      const outsider = outsiderOf(request.principal.name, request.body.leaseSeconds);
      const { body } = await idempotently(db, request, 201, run, (one) =>
        logRun(one, request.body, outsider),
      );
      return reply.code(201).header("location", `/api/v1/runs/${body.id}`).send(body);
    },
  );

  app.post(
    "/runs/:id/metrics",
    {
      config: { measurements: true, takesLongBody: true },
      bodyLimit: metricsLimit,
      preValidation: refuseManyNames,
      schema: {
        operationId: "logMetrics",
        summary: "Append metrics of one step, or stretches of histories, to a run that is trained elsewhere",
        tags: ["runs"],
        headers: attemptHeaders,
        params: idParams,
        body: loggedMetrics,
        response: { 200: loggedMetricsAnswer, ...problems },
      },
    },
    taking("metrics", reports.metrics),
  );

  app.post(
    "/runs/:id/predictions",
    {
      config: { measurements: true, takesLongBody: true },
      bodyLimit,
      schema: {
        operationId: "logPredictions",
        summary: "Scores of every case of a split; sent again, they replace the first",
        tags: ["runs"],
        headers: attemptHeaders,
        params: idParams,
        body: loggedPredictions,
        response: { 200: loggedPredictionsAnswer, ...problems },
      },
    },
    taking("predictions", reports.predictions),
  );

  app.post(
    "/runs/:id/observations",
    {
      config: { takesLongBody: true },
      bodyLimit,
      schema: {
        operationId: "logObservations",
        summary:
          "Append looks at settings of the process of a run that is trained elsewhere: as the program reports them, or, with observer reprise, as Reprise's code inside it observed them",
        tags: ["runs"],
        headers: attemptHeaders,
        params: idParams,
        body: loggedObservations,
        response: { 200: loggedObservationsAnswer, ...problems },
      },
    },
    taking("observations", reports.observations),
  );

  app.post(
    "/runs/:id/finish",
    {
      schema: {
        operationId: "finishRun",
        summary: "End a run that is trained elsewhere",
        tags: ["runs"],
        headers: attemptHeaders,
        params: idParams,
        body: loggedEnd,
        response: { 200: run, ...problems },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { body } = await idempotently(db, request, 200, run, async (one) => {
        const ref = await attemptOf(one, id, named(request.headers), { ends: true });
        return endRun(one, found(await getRun(one, id), "run", id), ref, request.body);
      });
      return body;
    },
  );

  app.post(
    "/runs/:id/heartbeat",
    {
      schema: {
        operationId: "heartbeat",
        summary: "Say that a run that is trained elsewhere is alive; every other report says so too",
        tags: ["runs"],
        headers: attemptHeaders,
        params: idParams,
        response: { 200: heartbeatAnswer, ...problems },
      },
    },
    async ({ params: { id }, headers }) => {
      const { attempt, leaseMs, leaseExpiresAt } = await attemptOf(db, id, named(headers));
      const until = leaseExpiresAt.toISOString();
      return { runId: id, attempt, leaseSeconds: leaseMs / 1000, leaseExpiresAt: until };
    },
  );

  app.post(
    "/runs/:id/attempts",
    {
      schema: {
        operationId: "beginAttempt",
        summary:
          "Resume a run that is trained elsewhere: begin its next attempt, which keeps what was reported. Reports of earlier attempts are stale from then on",
        tags: ["runs"],
        headers: idempotencyHeaders,
        params: idParams,
        body: beginAttemptRequest,
        response: { 201: run, ...problems },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const outsider = outsiderOf(request.principal.name, request.body.leaseSeconds);
      const { body } = await idempotently(db, request, 201, run, async (one) =>
        withEnvironment(one, transitioned(await beginAttempt(one, id, outsider)), request.body.environment),
      );
      return reply.code(201).send(body);
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
      const outsider = outsiderOf(request.principal.name, request.body.leaseSeconds);
      const { body } = await idempotently(db, request, 200, askAnswer, (one) =>
        ask(one, id, request.body, outsider, request.span.traceparent),
      );
      return body;
    },
  );

  app.post(
    "/runs/:id/tell",
    {
      config: { measurements: true },
      preValidation: refuseManyNames,
      schema: {
        operationId: "tell",
        summary: "End a run that was asked for with the value of the objective",
        tags: ["runs"],
        headers: attemptHeaders,
        params: idParams,
        body: tellRequest,
        response: { 200: run, ...problems },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { body } = await idempotently(db, request, 200, run, async (one) =>
        tell(one, await attemptOf(one, id, named(request.headers), { ends: true }), request.body),
      );
      return body;
    },
  );
};
