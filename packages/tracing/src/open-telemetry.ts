import { setTimeout as delay } from "node:timers/promises";
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { ExportResultCode, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Service, Span, SpanOptions, Tracing } from "./span.js";

// Loaded only where traces are asked for: see `tracing.ts`.

/** A program that is told to end does not wait longer for a collector. */
const closeWithinMs = 1_000;

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

const propagator = new W3CTraceContextPropagator();

function contextOf(traceparent: string | null | undefined): Context {
  return propagator.extract(ROOT_CONTEXT, traceparent ? { traceparent } : {}, defaultTextMapGetter);
}

function traceparentOf(context: Context): string | null {
  const carrier: Record<string, string> = {};
  propagator.inject(context, carrier, defaultTextMapSetter);
  return carrier.traceparent ?? null;
}

/** Spans of a service, sent in batches by OTLP over HTTP as the environment says; nothing is registered globally. */
export function traceWith(service: Service, onTrouble: (error: Error) => void): Tracing {
  const resource = defaultResource()
    .merge(
      resourceFromAttributes({
        "service.name": service.name,
        "service.version": service.version,
        "service.instance.id": service.instanceId,
      }),
    )
    // What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes first.
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(watched(new OTLPTraceExporter(), onTrouble))],
  });
  const tracer = provider.getTracer("reprise", service.version);

  function startIn(parent: Context, name: string, { kind = "internal", attributes = {} }: SpanOptions): Span {
    const span = tracer.startSpan(name, { kind: kinds[kind], attributes }, parent);
    const context = trace.setSpan(parent, span);
    return {
      traceparent: traceparentOf(context),
      set: (more) => void span.setAttributes(more),
      fail: (type) => void span.setAttribute("error.type", type).setStatus({ code: SpanStatusCode.ERROR }),
      child: (childName, options = {}) => startIn(context, childName, options),
      end: () => span.end(),
    };
  }

  return {
    start: (name, options = {}) => startIn(contextOf(options.parent), name, options),
    async close() {
      const waiting = new AbortController();
      const late = delay(closeWithinMs, undefined, { signal: waiting.signal }).catch(() => {});
      await Promise.race([provider.shutdown().catch(() => {}), late]);
      waiting.abort();
    },
  };
}

/** An exporter whose failures are told once for every time that they begin; nobody tries to send the same again. */
function watched(exporter: SpanExporter, onTrouble: (error: Error) => void): SpanExporter {
  let failing = false;
  return {
    export(spans, done) {
      exporter.export(spans, ({ code, error }) => {
        const failed = code !== ExportResultCode.SUCCESS;
        if (failed && !failing) onTrouble(error ?? new Error("The collector took no traces."));
        failing = failed;
        done({ code: ExportResultCode.SUCCESS });
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
