import { type TrainerCapabilities, trainerCapabilities } from "@reprise/contracts";
import { z } from "zod";
import { type Captured, capture } from "./capture.js";
import { shorten } from "./lines.js";
import { configuredCapabilities, type TrainerCommand } from "./trainer-command.js";
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
 * it with `--describe`, which prints them as JSON on stdout. They are announced under the registered name.
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
  const result = await capture(command.command, [...command.args, "--describe"], {
    environment: { ...scrubbedEnvironment(options.environment ?? process.env), ...command.env },
    workingDirectory: command.workingDirectory,
    timeoutMs: command.describeSeconds * 1000,
    maxBytes: 16 * 1024 * 1024,
  });
  return { ...capabilitiesIn(command, result), name: command.name };
}

/** What a program that was asked to describe itself has printed. @throws DescribeError */
function capabilitiesIn({ name, command }: TrainerCommand, result: Captured): TrainerCapabilities {
  if (result.failure) {
    const wayOut = /\s/.test(command) && result.failure.includes("ENOENT") ? severalWords : "";
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
