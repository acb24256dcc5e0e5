import { noSpan, type Span, type Tracing } from "@reprise/tracing";
import type { FastifyInstance } from "fastify";
import { isEventStream } from "./event-streams.js";

declare module "fastify" {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface adds to the one of the library
  interface FastifyRequest {
    /** What traces show of this request. */
    span: Span;
  }
}

/** Requests of the API. Streams last for hours. */
const isTraced = (route: string) => route.startsWith("/api/v1/") && !isEventStream(route);

/**
 * Traces every request of the API by OpenTelemetry's semantic conventions for HTTP, as part of the trace that its header
 * `traceparent` names. Path and query stay here: they may hold names of files and values of parameters.
 */
export function registerTraces(app: FastifyInstance, tracing: Tracing): void {
  app.decorateRequest("span");
  app.addHook("onRequest", async (request) => {
    const { url: route = "" } = request.routeOptions;
    const { method, protocol, headers } = request;
    if (!isTraced(route)) {
      request.span = noSpan;
      return;
    }
    request.span = tracing.start(`${method} ${route}`, {
      kind: "server",
      parent: headers.traceparent?.toString(),
      attributes: {
        "http.request.method": method,
        "http.route": route,
        "url.scheme": protocol,
      },
    });
  });
  app.addHook("onResponse", async ({ span }, { statusCode }) => {
    span.set({ "http.response.status_code": statusCode });
    if (statusCode >= 500) span.fail(String(statusCode));
    span.end();
  });
  app.addHook("onRequestAbort", async ({ span }) => {
    span.fail("aborted");
    span.end();
  });
}
