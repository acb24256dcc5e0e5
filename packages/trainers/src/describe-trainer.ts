import { type TrainerCapabilities, trainerCapabilities } from "@reprise/contracts";
import { z } from "zod";
import { type Captured, capture } from "./capture.js";
import { shorten } from "./lines.js";
import { isTemplate } from "./template/command-template.js";
import { withPackage } from "./template/python-program.js";
import { describingWords, templateCapabilities } from "./template/template-trainer.js";
import { commandWords, configuredCapabilities, type TrainerCommand } from "./trainer-command.js";
import { scrubbedEnvironment } from "./trainer-environment.js";

/** What a trainer says about itself cannot be had; the message names the trainer, the command and what went wrong. */
export class DescribeError extends Error {
  /** What went wrong, to be said behind the trainer's name: "did not describe itself: …". */
  readonly reason: string;
  /** What the program wrote to stderr last. */
  readonly lastLines: string[];

  constructor(trainer: string, reason: string, lastLines: string[] = []) {
    super([`Trainer ${trainer} ${reason}`, ...lastLines].join("\n"));
    this.reason = reason;
    this.lastLines = lastLines;
  }
}

/**
 * Capabilities of a registered trainer: from its configuration where they are stated there, otherwise by starting
 * it with `--describe`, which prints them as JSON on stdout. A Python program of a template is run by `python -m reprise
 * describe` up to where it parses its arguments. They are announced under the registered name.
 *
 * @throws DescribeError when the program cannot be started, takes longer than `describeSeconds` of its registration,
 * fails, or prints something else.
 */
export async function describeTrainer(
  command: TrainerCommand,
  options: { environment?: NodeJS.ProcessEnv } = {},
): Promise<TrainerCapabilities> {
  const configured = await configuredCapabilities(command);
  if (configured) return { ...configured, name: command.name };
  const environment = { ...scrubbedEnvironment(options.environment ?? process.env), ...command.env };
  const ask = (
    [program = "", ...args]: readonly string[],
    more: { environment: Record<string, string>; seconds: number },
  ) =>
    capture(program, args, {
      environment: more.environment,
      isGuest: true,
      workingDirectory: command.workingDirectory,
      timeoutMs: more.seconds * 1000,
      maxBytes: 16 * 1024 * 1024,
    });
  if (!isTemplate(command.command)) {
    const words = [command.command, ...command.args, "--describe"];
    const result = await ask(words, { environment, seconds: command.describeSeconds });
    return { ...capabilitiesIn(command, result), name: command.name };
  }
  const words = describingWords(command);
  if (!words) {
    await assertThere(command);
    return templateCapabilities(command, null);
  }
  // The program's own limit begins when it has imported what it imports.
  const seconds = command.describeSeconds + importSeconds;
  const result = await ask(words, { environment: withPackage(environment), seconds });
  return templateCapabilities(command, capabilitiesIn(command, result));
}

/** A template's program is not started to describe it, but has to be there. @throws DescribeError */
async function assertThere(command: TrainerCommand): Promise<void> {
  const [program = ""] = commandWords(command);
  if (process.platform === "win32") return;
  const found = await capture("/bin/sh", ["-c", 'command -v "$1"', "sh", program], {
    workingDirectory: command.workingDirectory,
    timeoutMs: 10_000,
  });
  if (found.failure)
    throw new DescribeError(command.name, `cannot be started: there is no program ${program}`);
}

/** Beyond this, a program that still imports is taken to hang. */
const importSeconds = 300;

/** What a program that was asked to describe itself has printed. @throws DescribeError */
function capabilitiesIn({ name, command }: TrainerCommand, result: Captured): TrainerCapabilities {
  if (result.failure) {
    const wayOut =
      /\s/.test(command) && !isTemplate(command) && result.failure.includes("ENOENT") ? severalWords : "";
    const reason = `did not describe itself: ${result.failure}${wayOut}`;
    throw new DescribeError(name, reason, lastLinesOf(result.stderr));
  }
  let json: unknown;
  try {
    json = JSON.parse(result.stdout);
  } catch {
    const printed = shorten(result.stdout.trim()) || "(nothing)";
    throw new DescribeError(name, `printed no JSON on stdout when asked to describe itself: ${printed}`);
  }
  const parsed = trainerCapabilities.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new DescribeError(name, "described itself wrongly", z.prettifyError(parsed.error).split("\n"));
}

const severalWords = ". Give the program under command and its other words under args";

function lastLinesOf(stderr: string): string[] {
  const lines = stderr.trimEnd().split("\n");
  return lines.slice(-20).flatMap((line) => (line === "" ? [] : [shorten(line, 500)]));
}
