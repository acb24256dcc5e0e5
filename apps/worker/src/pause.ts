/** Waits, at most until the signal is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end, { once: true });
  });
}

/** Pauses between tries: doubled each time, from 100 ms to 3 s. */
export function backoffMs(failures: number): number {
  return Math.min(3_000, 100 * 2 ** Math.min(failures - 1, 10));
}
