import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { type Postmaster, stopServer } from "./postgres-cluster.js";
import { isProcessAlive } from "./processes.js";

/** A server that takes connections; without `child` it was started by an earlier process. */
export type RunningServer = Postmaster & { child: ChildProcess | null };

const lookEveryMs = 500;
const firstPauseMs = 250;
const longestPauseMs = 10_000;

/** Resolves when the server has ended, or the signal is given. */
async function whenEnded({ pid, child }: RunningServer, signal: AbortSignal): Promise<void> {
  try {
    if (child) {
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit", { signal });
      return;
    }
    while (isProcessAlive(pid)) await delay(lookEveryMs, undefined, { signal, ref: false });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * Starts a server again whenever it ends without having been told to, however often that takes: its address stays, and
 * what waits for it goes on. Pauses between attempts grow to ten seconds; each reason is told once.
 *
 * @param start once more, on the same files and port; the signal says that it is no longer wanted
 * @param tell what happened, for whoever watches
 */
export function keepServer(
  first: RunningServer,
  start: (signal: AbortSignal) => Promise<RunningServer>,
  tell: (what: string) => void,
): { pid(): number; stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  let server = first;
  /** False from its end until it serves again: its number may be another program's by then. */
  let serves = true;

  const startAgain = async () => {
    let told = "";
    for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        server = await start(signal);
        serves = true;
        tell("serves again");
        return;
      } catch (error) {
        if (signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== told) tell(`cannot be started, which is tried again and again: ${reason}`);
        told = reason;
        await delay(pauseMs, undefined, { signal }).catch(() => {});
      }
    }
  };
  const keep = async () => {
    for (;;) {
      await whenEnded(server, signal);
      if (signal.aborted) return;
      serves = false;
      tell(`ended without having been told to (process ${server.pid}); starting it again`);
      await startAgain();
    }
  };
  const kept = keep();

  return {
    pid: () => server.pid,
    async stop() {
      stopping.abort();
      await kept;
      if (serves) await stopServer(server.pid);
    },
  };
}
