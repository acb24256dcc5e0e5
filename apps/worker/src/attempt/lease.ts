import { LeaseLostError } from "@reprise/database";
import { pause } from "../pause.js";

/**
 * Renews the lease of an attempt until stopped. While the database does not answer, it is asked again every
 * second: only the database can give the run to somebody else, so silence is no reason to end a trainer. The lease
 * is lost when the database says so.
 */
export function keepLease(options: {
  beat: () => Promise<{ cancelRequested: boolean }>;
  everyMs: number;
  onCancel: () => void;
  onLost: () => void;
  onSilence: (error: unknown) => void;
}): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loop = async () => {
    let silent = false;
    while (!stopping.signal.aborted) {
      await pause(silent ? Math.min(1_000, options.everyMs) : options.everyMs, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        const { cancelRequested } = await options.beat();
        silent = false;
        if (cancelRequested) options.onCancel();
      } catch (error) {
        if (error instanceof LeaseLostError) {
          if (!stopping.signal.aborted) options.onLost();
          return;
        }
        if (!silent) options.onSilence(error);
        silent = true;
      }
    }
  };
  const running = loop();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
