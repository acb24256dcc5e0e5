import type { WorkerSystem } from "@reprise/contracts";
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
    machines: machineGauges(registers),
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

type Machine = { name: string; system: WorkerSystem };

/** What workers said of their machines with their last heartbeat; a figure that nobody could read has no series. */
function machineGauges(registers: Registry[]) {
  const gauge = (name: string, help: string, ...more: string[]) =>
    new Gauge({ name: `reprise_worker_${name}`, help, labelNames: ["worker", ...more], registers });
  const cpu = gauge("cpu_usage_ratio", "Working share of the machine's processors");
  const memory = gauge("memory_available_bytes", "Memory that can be had on the worker's machine");
  const disk = gauge("disk_free_bytes", "Free space where the worker keeps its files");
  const gpuUse = gauge("gpu_utilization_ratio", "Working share of a GPU", "gpu");
  const gpuMemory = gauge("gpu_memory_used_bytes", "Memory in use on a GPU", "gpu");
  const gpuPower = gauge("gpu_power_watts", "Power draw of a GPU", "gpu");
  const gpuTemperature = gauge("gpu_temperature_celsius", "Temperature of a GPU", "gpu");
  const all = [cpu, memory, disk, gpuUse, gpuMemory, gpuPower, gpuTemperature];
  return {
    set(machines: readonly Machine[]) {
      for (const each of all) each.reset();
      const put = (into: (typeof all)[number], labels: Record<string, string>, value: number | null) => {
        if (value !== null) into.set(labels, value);
      };
      const ratio = (percent: number | null) => (percent === null ? null : percent / 100);
      for (const { name: worker, system } of machines) {
        put(cpu, { worker }, ratio(system.hostCpuPercent));
        put(memory, { worker }, system.hostAvailableMemoryBytes);
        put(disk, { worker }, system.diskFreeBytes);
        for (const gpu of system.gpus) {
          const labels = { worker, gpu: String(gpu.index) };
          put(gpuUse, labels, ratio(gpu.utilizationPercent));
          put(gpuMemory, labels, gpu.memoryUsedBytes);
          put(gpuPower, labels, gpu.powerWatts);
          put(gpuTemperature, labels, gpu.temperatureCelsius);
        }
      }
    },
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
