import { z } from "zod";
import { id, instant } from "../basics/primitives.js";
import { trainerCapabilities } from "../protocol/capabilities.js";
import { run } from "../runs/run.js";
import { lastLines } from "../runs/run-states.js";
import { workerSystem } from "../runs/system-metrics.js";
import { device } from "./device.js";
import { workerLabels } from "./requirements.js";

/** A trainer that a worker's configuration names and that it cannot offer. */
export const leftOutTrainer = z.strictObject({
  name: z.string(),
  /** A sentence without its end: "did not describe itself: it ended with exit code 1". */
  reason: z.string(),
  /** What the program wrote to stderr last. */
  lastLines,
});
export type LeftOutTrainer = z.infer<typeof leftOutTrainer>;

export const worker = z
  .strictObject({
    id,
    name: z.string(),
    host: z.string(),
    pid: z.int(),
    status: z.enum(["ready", "draining", "quarantined", "gone"]),
    statusReason: z.string().nullable(),
    devices: z.array(device),
    /** What its configuration file says of its machine, which studies may require. */
    labels: workerLabels,
    trainers: z.array(z.string()),
    /** What each trainer that it offers can do there, in the order in which it announced them. */
    offers: z.array(
      z.strictObject({
        ...trainerCapabilities.pick({ name: true, version: true, tasks: true, backends: true }).shape,
        /** Names of the data sets that lie on this machine; null where the program announces none and reads its own. */
        datasets: z.array(z.string()).nullable(),
        /** Whether it can trace two runs side by side there. */
        locate: z.boolean(),
      }),
    ),
    leftOut: z.array(leftOutTrainer),
    currentRuns: z.array(
      z.strictObject({
        ...run.pick({ configurationLabel: true, seed: true, arm: true, repeat: true, progress: true }).shape,
        runId: id,
        sweepId: id.nullable(),
        sweepName: z.string().nullable(),
        key: z.string(),
      }),
    ),
    /** Executions that have ended here, by how; `lost` are those that it never told the end of. */
    ended: z.strictObject({ succeeded: z.int(), failed: z.int(), cancelled: z.int(), lost: z.int() }),
    /** The machine at the last heartbeat; null before the first. */
    system: workerSystem.nullable(),
    startedAt: instant,
    lastSeenAt: instant,
  })
  .meta({ id: "Worker" });
export type Worker = z.infer<typeof worker>;

export const workerList = z.strictObject({ items: z.array(worker) });
