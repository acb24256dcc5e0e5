import { styleText } from "node:util";
import { prettyFactory } from "pino-pretty";

const pretty = prettyFactory({
  ignore: "pid,hostname,service,worker",
  translateTime: "HH:MM:ss",
  singleLine: true,
  colorize: process.stdout.isTTY,
});

const colours = { api: "cyan", worker: "magenta", dashboard: "green" } as const;

/** Prints what a service logs, readable and behind its name. */
export function logLines(name: keyof typeof colours): (line: string) => void {
  const margin = `${name.padEnd(9)} │ `;
  const prefix = process.stdout.isTTY ? styleText(colours[name], margin) : margin;
  return (line) => {
    if (line.trim() === "") return;
    for (const part of pretty(line).trimEnd().split("\n")) console.log(prefix + part);
  };
}
