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
  return process.stdout.isTTY
    ? pino(options, pretty({ ignore: "pid,hostname,service" }))
    : pino(options, standardOutput());
}

/** Characters that wait for a full disk to have room; later lines are lost, and not the program. */
const mostWaiting = 1_000_000;

/** Where its lines go. By itself the library waits for a full disk at the end of the program, for ever. */
function standardOutput() {
  return pino.destination({ fd: 1, sync: true, maxLength: mostWaiting }).on("error", () => {});
}
