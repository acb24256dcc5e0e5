import { builtInTrainer, type Parameters, parameterValue } from "@reprise/contracts";
import { tfjsTrainerCommand } from "@reprise/tfjs-trainer";
import {
  type Candidate,
  commandOfLine,
  describeTrainer,
  examine,
  type Finding,
  findOf,
  type TrainerCheck,
  type TrainerCommand,
  trainerChecks,
  trainerCommand,
} from "@reprise/trainers";
import type { Command } from "commander";
import { parse } from "yaml";
import { z } from "zod";
import { prepareDatabaseClient, prepareTrainer } from "../machine/prepare.js";
import { readyTrainers } from "../machine/ready-trainers.js";
import { UserError } from "../user-error.js";

type CheckOptions = { config?: string; set: Parameters; long: Parameters; dataset?: string };

/** `--set epochs=1`: the value as in YAML. */
function parameter(text: string, before: Parameters): Parameters {
  const at = text.indexOf("=");
  if (at < 1) throw new UserError(`"${text}" is not a hyperparameter with a value, as in epochs=1.`);
  return { ...before, [text.slice(0, at)]: parameterValue.parse(parse(text.slice(at + 1))) };
}

/** Exit codes: 0 everything that a worker needs is there, 1 something is missing, 2 for a mistaken request. */
export function trainerCommands(trainer: Command): void {
  trainer
    .command("check <trainer>")
    .description(
      "try a training program, and say what is missing: a name from the worker's file, or a command line with placeholders",
    )
    .option("--config <file>", "the worker's file (default: REPRISE_WORKER_CONFIG)")
    .option(
      "--set <name=value>",
      "a hyperparameter of the short runs that are made; may be repeated",
      parameter,
      {},
    )
    .option(
      "--long <name=value>",
      "one of the runs that are stopped, which should take a minute",
      parameter,
      {},
    )
    .option("--dataset <name>", "default: the first that the trainer has")
    .action(async (named: string, options: CheckOptions) => {
      const candidate = await candidateOf(await findTrainer(named, options.config), options);
      process.exitCode = (await check(candidate)) ? 0 : 1;
    });
}

async function findTrainer(
  named: string,
  config = process.env.REPRISE_WORKER_CONFIG,
): Promise<TrainerCommand> {
  const own = await workerTrainers(config);
  const ready = readyTrainers(
    process.env,
    own.map(({ name }) => name),
  );
  const trainers = [{ name: builtInTrainer, ...tfjsTrainerCommand() }, ...ready, ...own];
  const found = trainers.find(({ name }) => name === named);
  if (named === builtInTrainer) await prepareTrainer();
  if (found) return trainerCommand.parse(found);
  if (!/\s/.test(named)) {
    const known = trainers.map(({ name }) => name).join(", ");
    throw new UserError(
      `"${named}" is not a trainer, and no command line of several words. Known: ${known}${config ? "" : "; --config names a worker's file with others"}.`,
    );
  }
  const parsed = trainerCommand.safeParse(commandOfLine(named));
  if (!parsed.success) throw new UserError(z.prettifyError(parsed.error));
  return parsed.data;
}

async function workerTrainers(config: string | undefined): Promise<TrainerCommand[]> {
  await prepareDatabaseClient();
  const { ConfigError, readWorkerFile } = await import("@reprise/worker");
  try {
    return readWorkerFile(config).trainers;
  } catch (error) {
    throw error instanceof ConfigError ? new UserError(error.message) : error;
  }
}

async function candidateOf(
  command: TrainerCommand,
  { set, long, dataset }: CheckOptions,
): Promise<Candidate> {
  // What keeps it from describing itself is the first finding.
  const described = await describeTrainer(command).catch(() => null);
  const first = described?.datasets.find(({ available }) => available)?.name;
  return { command, dataset: dataset ?? first ?? "data", short: set, long: { ...set, ...long } };
}

function mark({ isMandatory }: TrainerCheck, { holds }: Finding): string {
  if (holds) return "✓";
  return holds === null ? "?" : isMandatory ? "✗" : "–";
}

/** Runs all checks and prints what comes of each; false when something is missing that a worker needs. */
async function check(candidate: Candidate): Promise<boolean> {
  const examination = examine(candidate);
  const width = Math.max(...trainerChecks.map(({ title }) => title.length)) + 2;
  let isComplete = true;
  for (const each of trainerChecks) {
    const finding = await findOf(each, examination);
    const [first = "", ...others] = finding.detail.split("\n");
    console.log(`${mark(each, finding)} ${each.title.padEnd(width)}${first}`.trimEnd());
    for (const line of others) console.log(`    ${line}`);
    if (finding.holds === true) continue;
    console.log(`    ${each.wayOut}`);
    if (each.isMandatory && finding.holds === false) isComplete = false;
    // Nothing of what follows can be asked of it.
    if (each === trainerChecks[0]) break;
  }
  console.log(
    isComplete
      ? "\nA worker can use it. – is missing evidence, ? what could not be determined."
      : "\nA worker cannot use it as it is: fix what is marked ✗.",
  );
  return isComplete;
}
