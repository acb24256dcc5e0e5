import { type Logger, pino } from "pino";
import pretty from "pino-pretty";
import type { WorkerConfig } from "./config.js";

export type { Logger };

/** JSON lines, or readable ones on a terminal. */
export function createLogger(config: Pick<WorkerConfig, "logLevel" | "name">): Logger {
  const options = { level: config.logLevel, base: { worker: config.name } };
  return process.stdout.isTTY ? pino(options, pretty({ sync: true })) : pino(options, standardOutput());
}

/** Characters that wait for a full disk to have room; later lines are lost, and not the program. */
const mostWaiting = 1_000_000;

/** Where its lines go. By itself the library waits for a full disk at the end of the program, for ever. */
function standardOutput() {
  return pino.destination({ fd: 1, sync: true, maxLength: mostWaiting }).on("error", () => {});
}
