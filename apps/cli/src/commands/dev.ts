import type { Command } from "commander";
import { demoOption, portNumber } from "./options.js";

export function addDevCommand(program: Command): void {
  program
    .command("dev")
    .description("for work on Reprise itself: like start, and what is changed in its sources is loaded again")
    .option("--port <number>", "port of the dashboard; the next free one if taken", portNumber, 3000)
    .option("--data <folder>", "where everything is kept", "data")
    .addOption(demoOption())
    // What watches files is loaded for nobody else.
    .action(async (options) => (await import("../machine/dev.js")).dev(options));
}
