import { readFile } from "node:fs/promises";
import { shortName, trainerCapabilities } from "@reprise/contracts";
import { z } from "zod";

/** Names that no trainer gets to see, whoever asks for it. */
const forbiddenVariables = ["DATABASE_URL", "REDIS_URL", "REPRISE_TOKEN"];

/**
 * A trainer as a worker's own configuration registers it: a program and its arguments. Commands never travel over
 * HTTP; a sweep only names a trainer, so this list is the allow-list of what a worker may start.
 */
export const trainerCommand = z.strictObject({
  name: shortName,
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  /** Folder the program is started in; its git state becomes part of the environment fingerprint. */
  workingDirectory: z.string().optional(),
  /** Variables set for this trainer beside the scrubbed environment. */
  env: z
    .record(z.string(), z.string())
    .default({})
    .refine((env) => !Object.keys(env).some((name) => forbiddenVariables.includes(name)), {
      error: `a trainer never gets ${forbiddenVariables.join(", ")}`,
    }),
  /**
   * Capabilities given in the configuration, or the path of a JSON file with them; otherwise `--describe` is
   * asked.
   */
  capabilities: z.union([trainerCapabilities, z.string().min(1)]).optional(),
  /** How long `--describe` may take. A program that imports PyTorch from a cold disk needs tens of seconds for that alone. */
  describeSeconds: z.number().min(1).max(3600).default(60),
});
export type TrainerCommand = z.output<typeof trainerCommand>;
export type TrainerCommandInput = z.input<typeof trainerCommand>;

/**
 * The capabilities that a command's configuration states, or null when it states none. Throws what is wrong with
 * the file.
 */
export async function configuredCapabilities(command: TrainerCommand) {
  if (command.capabilities === undefined) return null;
  if (typeof command.capabilities !== "string") return command.capabilities;
  const text = await readFile(command.capabilities, "utf8");
  const parsed = trainerCapabilities.safeParse(JSON.parse(text));
  if (!parsed.success) {
    throw new Error(
      `${command.capabilities} does not describe trainer ${command.name}: ${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data;
}
