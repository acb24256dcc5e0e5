import type { RunRequest } from "@reprise/contracts";
import type { Hello } from "./protocol-check.js";
import { isTemplate } from "./template/command-template.js";
import { withPackage } from "./template/python-program.js";
import { templateProcess } from "./template/template-trainer.js";
import type { TrainerCommand } from "./trainer-command.js";

/** The process that trains a run. */
export type TrainerProcess = {
  command: string;
  args: string[];
  environment: Record<string, string>;
  /** Set where the program does not speak the protocol: what is said for it. */
  spokenFor: Hello | null;
};

/**
 * What a program knows nothing of: that it has to end when stdin closes, because its worker is gone. A process beside it
 * waits for that, and ends their whole group.
 */
const guarded =
  'exec 5<&0; (cat <&5 >/dev/null; kill -KILL 0) >/dev/null 2>&1 3>&- & exec "$@" </dev/null 5<&-';

/** @throws TemplateError where the run cannot be put into a template's command */
export function trainerProcess(
  trainer: TrainerCommand,
  request: RunRequest,
  environment: Record<string, string>,
): TrainerProcess {
  if (!isTemplate(trainer.command)) {
    return { command: trainer.command, args: trainer.args, environment, spokenFor: null };
  }
  const { words, isPython, spokenFor } = templateProcess(trainer, request);
  const [command = "", ...args] = words;
  if (isPython) return { command, args, environment: withPackage(environment), spokenFor };
  return process.platform === "win32"
    ? { command, args, environment, spokenFor }
    : { command: "/bin/sh", args: ["-c", guarded, "sh", ...words], environment, spokenFor };
}
