import type { FastifyInstance } from "fastify";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export type ApiMetrics = ReturnType<typeof createMetrics>;

/** Prometheus metrics of one server, in a registry of its own, so that several can live in one process. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requestSeconds: new Histogram({
      name: "reprise_http_request_duration_seconds",
      help: "Duration of HTTP requests by route, method and status",
      labelNames: ["route", "method", "status"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    streams: new Gauge({ name: "reprise_event_streams", help: "Open event streams", registers }),
    workers: new Gauge({
      name: "reprise_workers",
      help: "Workers by status",
      labelNames: ["status"],
      registers,
    }),
    queueJobs: new Gauge({
      name: "reprise_queue_jobs",
      help: "Jobs in the queues by state",
      labelNames: ["queue", "state"],
      registers,
    }),
    dispatched: new Counter({
      name: "reprise_dispatched_runs_total",
      help: "Runs handed to the queue by this process",
      registers,
    }),
    recovered: new Counter({
      name: "reprise_recovered_runs_total",
      help: "Runs taken back from lost workers by this process",
      registers,
    }),
    dispatcherErrors: new Counter({
      name: "reprise_dispatcher_errors_total",
      help: "Rounds of the dispatcher that failed",
      registers,
    }),
  };
}

/** Measures every answered request by its route pattern: URLs with ids would make endless series. Streams last for hours. */
export function registerRequestMetrics(app: FastifyInstance, metrics: ApiMetrics): void {
  app.addHook("onResponse", async (request, reply) => {
    if (request.routeOptions.url?.endsWith("/events")) return;
    const labels = {
      route: request.routeOptions.url ?? "none",
      method: request.method,
      status: String(reply.statusCode),
    };
    metrics.requestSeconds.observe(labels, reply.elapsedTime / 1000);
  });
}
