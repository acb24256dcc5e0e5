import { InvalidArgumentError, Option } from "commander";

/** The number of a `--port` option. */
export function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new InvalidArgumentError("a port is a whole number from 1 to 65535.");
  return port;
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const isUnit = (text: string | undefined): text is keyof typeof unitMs =>
  text !== undefined && text in unitMs;

/** "90s", "10m", "1.5h" or "2d", in milliseconds. */
export function duration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  if (!isUnit(unit))
    throw new InvalidArgumentError("a duration is a number and its unit: 90s, 10m, 1.5h, 2d.");
  return Number(number) * unitMs[unit];
}

/** `--demo` of the commands that start everything. */
export const demoOption = () =>
  new Option("--demo <name>", "study to queue on an empty database")
    .choices(["quickstart", "none"])
    .default("quickstart");
