const stopReasons = ["cancel", "shutdown", "lease-lost", "write-failed"] as const;

/** Why a running trainer is asked to stop: what its `AbortController` is aborted with. */
export type StopReason = (typeof stopReasons)[number];

export function stopReasonOf(signal: AbortSignal): StopReason | null {
  return signal.aborted ? (stopReasons.find((reason) => reason === signal.reason) ?? null) : null;
}
