import { randomUUID } from "node:crypto";
import cookie from "@fastify/cookie";
import rateLimit from "@fastify/rate-limit";
import sse from "@fastify/sse";
import Fastify, { type FastifyInstance, LogController } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { accessRoutes } from "./access/access-routes.js";
import { registerAuthentication } from "./access/authentication.js";
import { analysisRoutes } from "./analyses/analysis-routes.js";
import { comparisonRoutes } from "./analyses/comparison-routes.js";
import { reportRoutes } from "./analyses/report-routes.js";
import { statisticsRoutes } from "./analyses/statistics-routes.js";
import { artifactRoutes } from "./artifacts/artifact-routes.js";
import { thumbnailRoutes } from "./artifacts/thumbnail-routes.js";
import { uploadRoutes } from "./artifacts/upload-routes.js";
import { catalogueRoutes } from "./catalogue/catalogue-routes.js";
import type { ApiContext } from "./context.js";
import { crateRoutes } from "./crates/crate-routes.js";
import { eventRoutes } from "./events/event-routes.js";
import { registerJsonParser } from "./http/body-parsers.js";
import { answerBrokenRequest } from "./http/broken-requests.js";
import { registerCompression } from "./http/compression.js";
import { registerDashboard } from "./http/dashboard.js";
import { registerDraining } from "./http/draining.js";
import { problemOfFramework, registerErrors, sendProblem } from "./http/errors.js";
import { createEventStreams } from "./http/event-streams.js";
import { registerHosts } from "./http/hosts.js";
import { registerRequestMetrics } from "./http/metrics.js";
import { registerOpenApi } from "./http/openapi.js";
import { problem } from "./http/problems.js";
import { serverRoutes } from "./http/server-routes.js";
import { registerTraces } from "./http/traces.js";
import { serializerCompiler, validatorCompiler } from "./http/wire.js";
import { importRoutes } from "./imports/import-routes.js";
import { maintenanceRoutes } from "./maintenance/maintenance-routes.js";
import { auditRoutes } from "./references/audit-routes.js";
import { referenceRoutes } from "./references/reference-routes.js";
import { environmentRoutes } from "./runs/environment-routes.js";
import { loggedRunRoutes } from "./runs/logged-run-routes.js";
import { runDiffRoutes } from "./runs/run-diff-routes.js";
import { runResultRoutes } from "./runs/run-result-routes.js";
import { runRoutes } from "./runs/run-routes.js";
import { runsExportRoutes } from "./sweeps/runs-export-routes.js";
import { sweepControlRoutes } from "./sweeps/sweep-control-routes.js";
import { sweepRoutes } from "./sweeps/sweep-routes.js";
import { localizationRoutes } from "./verifications/localization-routes.js";
import { verificationRoutes } from "./verifications/verification-routes.js";
import { webhookRoutes } from "./webhooks/webhook-routes.js";
import { workerRoutes } from "./workers/worker-routes.js";

const heartbeatMs = 15_000;

/** The whole HTTP server over an open context, ready to listen or to be injected into; it closes with `app.close()`. */
export async function buildApp(context: ApiContext): Promise<FastifyInstance> {
  const { config, metrics } = context;
  const app = Fastify({
    loggerInstance: context.log,
    genReqId: () => randomUUID(),
    bodyLimit: config.bodyLimit,
    frameworkErrors: (error, request, reply) => void sendProblem(request, reply, problemOfFramework(error)),
    clientErrorHandler: answerBrokenRequest,
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 200 },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler(config.checkAnswers));
  const drained = registerDraining(app);
  registerErrors(app, async () => (await context.reachability()).database);
  registerJsonParser(app, context.compute.checkJson);
  registerRequestMetrics(app, metrics);
  registerTraces(app, context.tracing);
  app.addHook("onResponse", async (request, reply) => {
    const { method, url } = request;
    request.log.debug(
      { method, url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      "answered",
    );
  });
  app.addHook("onSend", async (_request, reply) => {
    reply.header("x-content-type-options", "nosniff");
  });

  await registerCompression(app);
  await app.register(cookie);
  await app.register(rateLimit, {
    max: config.requestsPerMinute,
    timeWindow: "1 minute",
    errorResponseBuilder: (_request, { after }) =>
      problem("too-many-requests", `Too many requests from this address. Try again in ${after}.`),
  });
  registerHosts(app, context.config);
  registerAuthentication(app, context);
  await app.register(sse, { heartbeatInterval: heartbeatMs });

  const streams = createEventStreams({ db: context.db, live: context.live, connections: metrics.streams });
  // Open streams would keep close() waiting for ever.
  app.addHook("preClose", async () => streams.closeAll());

  await registerOpenApi(app);
  await app.register(
    async (api) => {
      const typed = api.withTypeProvider<ZodTypeProvider>();
      await typed.register(sweepRoutes, { context });
      await typed.register(sweepControlRoutes, { context });
      await typed.register(crateRoutes, { context });
      await typed.register(importRoutes, { context });
      await typed.register(runsExportRoutes, { context });
      await typed.register(analysisRoutes, { context });
      await typed.register(comparisonRoutes, { context });
      await typed.register(eventRoutes, { context, streams });
      await typed.register(runRoutes, { context });
      await typed.register(loggedRunRoutes, { context });
      await typed.register(runResultRoutes, { context });
      await typed.register(artifactRoutes, { context });
      await typed.register(thumbnailRoutes, { context });
      await typed.register(uploadRoutes, { context });
      await typed.register(runDiffRoutes, { context });
      await typed.register(verificationRoutes, { context });
      await typed.register(localizationRoutes, { context });
      await typed.register(catalogueRoutes, { context });
      await typed.register(workerRoutes, { context });
      await typed.register(webhookRoutes, { context });
      await typed.register(environmentRoutes, { context });
      await typed.register(statisticsRoutes, { context });
      await typed.register(referenceRoutes, { context });
      await typed.register(auditRoutes, { context });
      await typed.register(reportRoutes, { context });
      await typed.register(maintenanceRoutes, { context });
      await typed.register(accessRoutes, { context });
      // Last of all: imports are told to end before anybody waits for their answers.
      await typed.register(async (last) => last.addHook("preClose", drained));
    },
    { prefix: "/api/v1" },
  );
  await app.register(serverRoutes, { context });
  await registerDashboard(app, config.dashboardDirectory);
  return app;
}
