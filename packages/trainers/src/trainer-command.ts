import { readFile } from "node:fs/promises";
import { deviceClass, shortName, trainerCapabilities } from "@reprise/contracts";
import parseWords from "string-argv";
import { z } from "zod";
import { isTemplate, parseTemplate, TemplateError } from "./template/command-template.js";

/** Names that no trainer gets to see, whoever asks for it. */
const forbiddenVariables = ["DATABASE_URL", "REDIS_URL", "REPRISE_TOKEN"];

const fields = z.strictObject({
  name: shortName,
  /**
   * A program that speaks the trainer protocol, or a template: the whole command line of one that does not, with
   * placeholders in braces (`python train.py --lr {learningRate} --seed {seed}`).
   */
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
  /** Of a template: false where its program reads its command line without argparse. Its placeholders may then be anything. */
  describe: z.boolean().default(true),
  /** Of a template: what its program computes on (default: `cpu`). */
  deviceClass: deviceClass.optional(),
});

/**
 * A trainer as a worker's own configuration registers it. Commands never travel over HTTP; a sweep only names a trainer,
 * so this list is the allow-list of what a worker may start.
 */
export const trainerCommand = fields.superRefine((trainer, context) => {
  const report = (field: keyof typeof trainer, message: string) =>
    context.addIssue({ code: "custom", path: [field], message });
  if (!isTemplate(trainer.command)) {
    if (trainer.deviceClass) report("deviceClass", "is for templates: this program announces its own");
    if (!trainer.describe)
      report("describe", "is for templates: this program announces itself, or has capabilities");
    return;
  }
  if (trainer.args.length > 0) report("args", "a command with placeholders has all its words in command");
  try {
    parseTemplate(trainer.command);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    report("command", error.message);
  }
});
export type TrainerCommand = z.output<typeof trainerCommand>;
export type TrainerCommandInput = z.input<typeof trainerCommand>;

/** A trainer from one command line, as it is typed: a template, or the words of a program that speaks the protocol. */
export function commandOfLine(line: string): TrainerCommandInput {
  if (isTemplate(line)) return { name: "program", command: line };
  const [command = "", ...args] = parseWords(line);
  return { name: "program", command, args };
}

/** The words of a trainer's command line, those of a template with their placeholders. */
export function commandWords({ command, args }: TrainerCommand): string[] {
  return isTemplate(command) ? parseTemplate(command).map(({ written }) => written) : [command, ...args];
}

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
