import type { Command } from "commander";
import { dev } from "../machine/dev.js";
import { demoOption, portNumber } from "./options.js";

export function devCommand(command: Command): void {
  command
    .option("--port <number>", "port of the dashboard; the next free one if taken", portNumber, 3000)
    .option("--data <folder>", "where everything is kept", "data")
    .addOption(demoOption())
    .action(dev);
}
