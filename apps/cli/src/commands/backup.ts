import { resolve } from "node:path";
import type { Command } from "commander";
import { prepareDatabaseClient } from "../machine/prepare.js";

type Options = { data: string };
const dataOption = ["--data <folder>", "data directory of the server", "data"] as const;

async function backups() {
  await prepareDatabaseClient();
  return import("../machine/backups.js");
}

/** `reprise backup`. Exit codes: 0 everything is in it, 1 files of runs were missing, 2 for a mistaken request. */
export function backupCommand(command: Command): void {
  command.option(...dataOption).action(async (file: string, { data }: Options) => {
    const isComplete = await (await backups()).backUp(file, resolve(data));
    process.exitCode = isComplete ? 0 : 1;
  });
}

/** `reprise restore`. Exit codes: 0 all of it is back, 1 it failed and nothing was changed, 2 for a mistaken request. */
export function restoreCommand(command: Command): void {
  command.option(...dataOption).action(async (file: string, { data }: Options) => {
    await (await backups()).restore(file, resolve(data));
  });
}
