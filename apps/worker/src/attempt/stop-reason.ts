import { pause } from "../pause.js";

const stopReasons = ["cancel", "shutdown", "lease-lost", "write-failed"] as const;

/** Why a running trainer is asked to stop: what its `AbortController` is aborted with. */
export type StopReason = (typeof stopReasons)[number];

export function stopReasonOf(signal: AbortSignal): StopReason | null {
  return signal.aborted ? (stopReasons.find((reason) => reason === signal.reason) ?? null) : null;
}

/** A whole job is told to stop at once; its programs may hear of it before this process does. */
const sameStopMs = 2_000;

/**
 * Whether this worker is told to end now too: then a program of its that ended as if stopped has not failed.
 *
 * @param stop of the program; aborted only when the worker's patience with what runs is over
 * @param stopping aborted as soon as the worker is to end
 */
export async function isShutDown(stop: AbortSignal, stopping: AbortSignal): Promise<boolean> {
  await pause(sameStopMs, AbortSignal.any([stop, stopping]));
  return stop.aborted ? stopReasonOf(stop) === "shutdown" : stopping.aborted;
}
