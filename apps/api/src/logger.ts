import { type Logger, pino } from "pino";
import pretty from "pino-pretty";
import type { ApiConfig } from "./config.js";

/** Lines for people on a terminal, JSON anywhere else. Credentials never reach it. */
export function createLogger(level: ApiConfig["logLevel"]): Logger {
  const options = {
    level,
    base: { service: "api" },
    redact: ["req.headers.authorization", "req.headers.cookie", "*.token"],
  };
  return process.stdout.isTTY ? pino(options, pretty({ ignore: "pid,hostname,service" })) : pino(options);
}
