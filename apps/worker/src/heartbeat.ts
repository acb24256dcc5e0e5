import { pause } from "./pause.js";

export type Heartbeat = {
  /** Beats at once instead of at the next turn. */
  wake(): void;
  /** Resolves when the last beat is over, after `signal` was aborted. */
  readonly ended: Promise<void>;
};

/** Calls `beat` every `everyMs` until `signal` is aborted; one that fails is reported, and the next is tried. */
export function startHeartbeat(options: {
  everyMs: number;
  signal: AbortSignal;
  beat: () => Promise<void>;
  onError: (error: Error) => void;
}): Heartbeat {
  const { signal } = options;
  let wake: () => void = () => {};
  const loop = async () => {
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await Promise.race([pause(options.everyMs, signal), woken]);
      if (signal.aborted) return;
      try {
        await options.beat();
      } catch (error) {
        options.onError(error instanceof Error ? error : new Error(String(error)));
      }
    }
  };
  return { wake: () => wake(), ended: loop() };
}
