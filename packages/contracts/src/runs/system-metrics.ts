import { z } from "zod";

// What a run asked of its machine. A series of its own: no analysis, digest or table of metrics reads it.

const amount = z.number().nullable();

/** What a GPU said of itself. All of the device, whoever uses it; null where the driver does not tell. */
export const gpuSample = z.strictObject({
  index: z.int(),
  utilizationPercent: amount,
  memoryUsedBytes: amount,
  memoryBytes: amount,
  powerWatts: amount,
  temperatureCelsius: amount,
});
export type GpuSample = z.infer<typeof gpuSample>;

/** A machine at one moment, its GPUs excepted. */
export const hostSample = z.strictObject({
  /** Hardware threads that programs may use. */
  processors: z.int(),
  /** Working time of all processors together since the sample before, 0 to 100; null where too little time has passed. */
  hostCpuPercent: amount,
  /** Memory that can be had without swapping, of `hostMemoryBytes`; the limits of a container are kept. */
  hostAvailableMemoryBytes: z.number(),
  hostMemoryBytes: z.number(),
  /** Where the worker keeps checkpoints and weights. */
  diskFreeBytes: amount,
});
export type HostSample = z.infer<typeof hostSample>;

/** What a worker says of its machine with every heartbeat. */
export const workerSystem = hostSample.extend({
  at: z.iso.datetime(),
  /** Running and waiting processes, mean of the last minute; null where the system does not tell. */
  loadAverage1m: amount,
  gpus: z.array(gpuSample),
});
export type WorkerSystem = z.infer<typeof workerSystem>;

/** One look at an attempt: the trainer's processes together, and the machine around them. */
export const systemSample = hostSample.extend({
  /** Number of the look, from 0; thinned out attempts have every second, fourth, … of them. */
  index: z.int(),
  /** Seconds since the trainer was started. */
  wallTime: z.number(),
  /** Processor time since the start, of all threads and of children that have ended. */
  cpuSeconds: amount,
  /** Sum over the processes: what several of them share counts in each. */
  residentMemoryBytes: amount,
  threads: z.int().nullable(),
  processes: z.int().nullable(),
  /** Of the run's own GPUs; null where it has none. */
  gpus: z.array(gpuSample).nullable(),
});
export type SystemSample = z.infer<typeof systemSample>;

const column = z.array(amount);

export const systemMetricsQuery = z.strictObject({
  /** Default: the last. */
  attempt: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .optional(),
});

/** Use of processor, memory and GPUs by one attempt: columns of equal length, null where nothing could be read. */
export const systemMetrics = z
  .strictObject({
    runId: z.uuid(),
    attempt: z.int(),
    /** Seconds since the trainer was started. */
    wallTimes: z.array(z.number()),
    processors: z.int().nullable(),
    hostMemoryBytes: amount,
    series: z.strictObject({
      /** Mean since the sample before; 100 is one processor, so a trainer with many threads exceeds it. */
      cpuPercent: column,
      cpuSeconds: column,
      residentMemoryBytes: column,
      threads: column,
      processes: column,
      hostCpuPercent: column,
      hostAvailableMemoryBytes: column,
      diskFreeBytes: column,
    }),
    /** The run's own GPUs; figures are of the device, whoever uses it. */
    gpus: z.array(
      z.strictObject({
        index: z.int(),
        memoryBytes: amount,
        utilizationPercent: column,
        memoryUsedBytes: column,
        powerWatts: column,
        temperatureCelsius: column,
      }),
    ),
    peakResidentMemoryBytes: amount,
    /** Processor time over wall time up to the last sample; 100 is one processor. */
    meanCpuPercent: amount,
    /** What could not be read, in words. */
    notes: z.array(z.string()),
  })
  .meta({ id: "SystemMetrics" });
export type SystemMetrics = z.infer<typeof systemMetrics>;
