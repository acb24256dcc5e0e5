import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtInTrainer } from "@reprise/contracts";
import { tinyTrainer } from "../contract/trainers/battery.js";

/**
 * Writes a worker's own file into a folder: short leases, and the small trainer in place of the built-in one, which takes
 * seconds to say what it can do.
 */
export function smallWorkerFile(folder: string, leaseSeconds: number): string {
  const { command, args } = tinyTrainer;
  const file = join(folder, "worker.yaml");
  // What a test has its programs load is not for the trainers.
  const trainer = { name: builtInTrainer, command, args, env: { NODE_OPTIONS: "" } };
  const settings = { leaseSeconds, quarantineAfter: 1_000, shutdownGraceSeconds: 0, cancelGraceSeconds: 1 };
  writeFileSync(file, JSON.stringify({ ...settings, trainers: [trainer] }));
  return file;
}
