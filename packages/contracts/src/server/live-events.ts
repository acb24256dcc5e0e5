import { z } from "zod";
import { id } from "../basics/primitives.js";
import { progress } from "../runs/run.js";
import { runCounts, runStatus } from "../runs/run-states.js";
import { sweepStatus } from "../sweeps/sweep.js";

/** What the server pushes over SSE. An event says what changed; the figures are read from the API. */
export const liveEvent = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("sweep"),
    sweepId: id,
    status: sweepStatus,
    runCounts,
  }),
  z.strictObject({
    type: z.literal("run"),
    sweepId: id.nullable(),
    runId: id,
    status: runStatus,
    attempt: z.int(),
    digest: z.string().nullable(),
  }),
  z.strictObject({
    type: z.literal("metrics"),
    sweepId: id.nullable(),
    runId: id,
    keys: z.array(z.string()),
    lastStep: z.int(),
    progress: progress.nullable(),
  }),
  z.strictObject({ type: z.literal("logs"), sweepId: id.nullable(), runId: id, lines: z.int() }),
  z.strictObject({ type: z.literal("system"), sweepId: id.nullable(), runId: id, samples: z.int() }),
]);
export type LiveEvent = z.infer<typeof liveEvent>;

/** A live event with its place in the stream, which `Last-Event-ID` refers to. */
export type NumberedLiveEvent = { id: string; event: LiveEvent };

/** Messages to workers, beside the database, which is the truth: they only save waiting. A later release may say more in one. */
export const controlMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("cancel-run"), runId: id }),
  z.object({ type: z.literal("runs-queued") }),
  /** What no queue holds and workers ask the database for: replicas for chosen workers, and localizations. */
  z.object({ type: z.literal("reserved-work") }),
  z.object({ type: z.literal("worker-steered"), workerId: id }),
]);
export type ControlMessage = z.infer<typeof controlMessage>;

const typed = z.object({ type: z.string() });
const knownTypes: ReadonlySet<string> = new Set(
  controlMessage.options.map(({ shape }): string => shape.type.value),
);

/**
 * A message as it came.
 *
 * @returns null for one of a type that only a later release knows
 * @throws {z.ZodError} for one that is none
 */
export const readControlMessage = (message: unknown): ControlMessage | null =>
  knownTypes.has(typed.parse(message).type) ? controlMessage.parse(message) : null;
