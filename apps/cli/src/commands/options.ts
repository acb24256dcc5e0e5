import { InvalidArgumentError, Option } from "commander";

/** The number of a `--port` option. */
export function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new InvalidArgumentError("a port is a whole number from 1 to 65535.");
  return port;
}

/** `--demo` of the commands that start everything. */
export const demoOption = () =>
  new Option("--demo <name>", "study to queue on an empty database")
    .choices(["quickstart", "none"])
    .default("quickstart");
