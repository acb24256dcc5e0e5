import type { Logger } from "./logger.js";

export type TroubleLog = (part: string) => (error: Error) => void;

/** Logs errors of connections, which come in swarms: one of a kind every ten seconds is enough. */
export function createTroubleLog(log: Logger): TroubleLog {
  const lastLogged = new Map<string, number>();
  return (part) => (error) => {
    const now = performance.now();
    if (now - (lastLogged.get(part) ?? Number.NEGATIVE_INFINITY) < 10_000) return;
    lastLogged.set(part, now);
    log.warn({ part, err: error }, "connection trouble");
  };
}
