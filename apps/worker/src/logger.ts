import { type Logger, pino } from "pino";
import pretty from "pino-pretty";
import type { WorkerConfig } from "./config.js";

export type { Logger };

/** JSON lines, or readable ones on a terminal. */
export function createLogger(config: Pick<WorkerConfig, "logLevel" | "name">): Logger {
  const options = { level: config.logLevel, base: { worker: config.name } };
  return process.stdout.isTTY ? pino(options, pretty({ sync: true })) : pino(options);
}
