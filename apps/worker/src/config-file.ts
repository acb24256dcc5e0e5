import { readFileSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { givenLabels } from "@reprise/contracts";
import { energySettings, trainerCommand } from "@reprise/trainers";
import { parse } from "yaml";
import { z } from "zod";

/**
 * A worker's own file. It is the only place where a command is tied to a trainer's name; no request over HTTP can
 * add one. Paths are relative to the file.
 */
const workerFile = z.strictObject({
  name: z.string().min(1).optional(),
  /** What studies may require of this machine (`resources.requires`), by names of your own. */
  labels: givenLabels.default({}),
  trainers: z.array(trainerCommand).default([]),
  energy: energySettings.prefault({}),
  /** How many runs may share the processor at a time: each takes the threads that its study asks for, or all of them. */
  slots: z.int().min(1).default(1),
  /** Infrastructure failures in a row after which the worker takes no more runs. */
  quarantineAfter: z.int().min(1).default(3),
  /** After so long a silence of this worker, which a cut network or a dead machine is, its runs are another's. */
  leaseSeconds: z.number().min(1).default(20),
  /** How long a stopping worker lets runs come to their end before it gives them back. */
  shutdownGraceSeconds: z.number().min(0).default(5),
  /** How long a trainer may take to end after SIGTERM. */
  cancelGraceSeconds: z.number().min(0).default(5),
});
export type WorkerFile = z.output<typeof workerFile>;

/** What is wrong with a configuration, in words for the person who wrote it. */
export class ConfigError extends Error {}

/** Reads a worker's YAML file; without a path, the defaults. Throws `ConfigError` with path and reason. */
export function readWorkerFile(path: string | undefined): WorkerFile {
  if (!path) return workerFile.parse({});
  const document = load(path);
  const parsed = workerFile.safeParse(document ?? {});
  if (!parsed.success) throw new ConfigError(`${path}:\n${z.prettifyError(parsed.error)}`);
  const names = parsed.data.trainers.map((trainer) => trainer.name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) throw new ConfigError(`${path}: two trainers are named ${twice}`);
  const folder = dirname(resolve(path));
  const here = (file: string) => (isAbsolute(file) ? file : resolve(folder, file));
  return {
    ...parsed.data,
    trainers: parsed.data.trainers.map((trainer) => ({
      ...trainer,
      workingDirectory: here(trainer.workingDirectory ?? "."),
      ...(typeof trainer.capabilities === "string" && { capabilities: here(trainer.capabilities) }),
    })),
  };
}

function load(path: string): unknown {
  try {
    return parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new ConfigError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
