import { type TrainerCapabilities, trainerCapabilities } from "@reprise/contracts";
import { z } from "zod";
import { capture } from "./capture.js";
import { shorten } from "./lines.js";
import { configuredCapabilities, type TrainerCommand } from "./trainer-command.js";
import { scrubbedEnvironment } from "./trainer-environment.js";

/**
 * What a trainer says about itself cannot be had; the message names the trainer, the command and what went wrong.
 */
export class DescribeError extends Error {}

/**
 * Capabilities of a registered trainer: from its configuration where they are stated there, otherwise by starting
 * it with `--describe`, which prints them as JSON on stdout. They are announced under the registered name.
 *
 * @throws DescribeError when the program cannot be started, takes longer than `timeoutMs` (default 30 s), fails,
 * or prints something else.
 */
export async function describeTrainer(
  command: TrainerCommand,
  options: { timeoutMs?: number; environment?: NodeJS.ProcessEnv } = {},
): Promise<TrainerCapabilities> {
  const configured = await configuredCapabilities(command);
  if (configured) return { ...configured, name: command.name };
  const line = [command.command, ...command.args, "--describe"].join(" ");
  const fail = (what: string) => new DescribeError(`Trainer ${command.name} (${line}) ${what}`);
  const result = await capture(command.command, [...command.args, "--describe"], {
    environment: { ...scrubbedEnvironment(options.environment ?? process.env), ...command.env },
    workingDirectory: command.workingDirectory,
    timeoutMs: options.timeoutMs ?? 30_000,
    maxBytes: 16 * 1024 * 1024,
  });
  if (result.failure) throw fail(`did not describe itself: ${result.failure}${stderrOf(result.stderr)}`);
  let json: unknown;
  try {
    json = JSON.parse(result.stdout);
  } catch {
    throw fail(`printed no JSON on stdout: ${shorten(result.stdout.trim()) || "(nothing)"}`);
  }
  const parsed = trainerCapabilities.safeParse(json);
  if (!parsed.success) throw fail(`described itself wrongly:\n${z.prettifyError(parsed.error)}`);
  return { ...parsed.data, name: command.name };
}

function stderrOf(stderr: string): string {
  const text = stderr.trim();
  return text === ""
    ? ""
    : `\n${text
        .split("\n")
        .slice(-10)
        .map((line) => shorten(line, 500))
        .join("\n")}`;
}
