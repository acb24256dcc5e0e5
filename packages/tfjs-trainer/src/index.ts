import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type TrainerCapabilities, trainerCapabilities } from "@reprise/contracts";
import { distFolder } from "./program/build.js";
import { type BackendProbe, probeBackends } from "./program/probe-backend.js";

export { buildTrainer, trainerInputs } from "./program/build.js";
export type { BackendProbe } from "./program/probe-backend.js";

/** The bundled program; it exists after `buildTrainer()`. */
export const trainerEntry = join(distFolder, "main.js");

/** Tries every backend of the bundled program. Call `buildTrainer()` first. */
export const probeTfjsBackends = (): Promise<BackendProbe[]> => probeBackends(distFolder);

/** How to start the built-in trainer. */
export function tfjsTrainerCommand(): { command: string; args: string[] } {
  return { command: process.execPath, args: [trainerEntry] };
}

/** Asks the bundled program what it can do (`--describe`). Call `buildTrainer()` first. */
export async function describeTfjsTrainer(): Promise<TrainerCapabilities> {
  const { command, args } = tfjsTrainerCommand();
  const { stdout } = await promisify(execFile)(command, [...args, "--describe"], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return trainerCapabilities.parse(JSON.parse(stdout));
}
