import { execFileSync } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Parameters, RunRequest, TrainerEvent } from "@reprise/contracts";
import { buildTrainer, tfjsTrainerCommand } from "@reprise/tfjs-trainer";
import {
  type RunTrainerOptions,
  runTrainer,
  type TrainerCommand,
  type TrainerLog,
  type TrainerOutcome,
  trainerCommand,
  trainerEnvironment,
} from "@reprise/trainers";
import { testRequest } from "../../../packages/trainers/src/test-support/run-request.js";
import { pythonPackage, python as pythonWithTorch, torchMissing } from "../../support/python.js";

/**
 * A trainer under the battery, with what the battery must know to ask it for a short, a long and a diverging run.
 */
export type Candidate = {
  command: TrainerCommand;
  dataset: string;
  short: Parameters;
  long: Parameters;
  diverging: Parameters;
  /** Asks for prints on stdout and stderr during training, where the trainer offers that. */
  printing: Parameters | null;
  /** The example trainers misbehave on request. */
  misbehaves: boolean;
};

const example = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const tiny = {
  dataset: "toy",
  short: { epochs: 3 },
  long: { epochs: 100_000, pauseMs: 20 },
  diverging: { epochs: 2, fault: "nan" },
  printing: { epochs: 2, print: true },
  misbehaves: true,
};

export const tinyTrainer = trainerCommand.parse({
  name: "tiny",
  command: process.execPath,
  args: [example("tiny-trainer.mjs")],
});

/**
 * The Python that is found, or null: the same trainer exists in JavaScript, so that the battery runs everywhere.
 */
export function findPython(): string | null {
  for (const name of ["python3", "python"]) {
    try {
      const found = execFileSync(
        name,
        ["-c", "import sys; print(sys.executable if sys.version_info >= (3, 9) else '')"],
        {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        },
      ).trim();
      if (found) return found;
    } catch {
      // The next name.
    }
  }
  return null;
}

/** The trainer for classification with PyTorch, which is a module of the Python package. */
export const torchClassification = trainerCommand.parse({
  name: "torch-classification",
  command: pythonWithTorch,
  args: ["-m", "reprise.trainers.classification"],
  env: { PYTHONPATH: pythonPackage, PYTHONDONTWRITEBYTECODE: "1" },
});

/** Every trainer this machine can run; builds the built-in one. */
export async function candidates(): Promise<Candidate[]> {
  await buildTrainer();
  const python = findPython();
  return [
    {
      command: trainerCommand.parse({ name: "tfjs", ...tfjsTrainerCommand() }),
      dataset: "wdbc",
      short: { hiddenUnits: [8], epochs: 3 },
      long: { hiddenUnits: [64, 64], epochs: 100_000 },
      diverging: { hiddenUnits: [8], epochs: 3, optimizer: "sgd", learningRate: 1e30, batchNorm: false },
      printing: null,
      misbehaves: false,
    },
    { ...tiny, command: tinyTrainer },
    ...(python
      ? [
          {
            ...tiny,
            command: trainerCommand.parse({
              name: "tiny-python",
              command: python,
              args: [example("tiny_trainer.py")],
            }),
          },
        ]
      : []),
    ...(torchMissing()
      ? []
      : [
          {
            command: torchClassification,
            dataset: "wdbc",
            short: { hiddenUnits: [8], epochs: 3 },
            long: { hiddenUnits: [64, 64], epochs: 100_000 },
            diverging: { hiddenUnits: [8], epochs: 3, optimizer: "sgd", learningRate: 1e30 },
            printing: null,
            misbehaves: false,
          },
        ]),
  ];
}

export async function requestOf(
  candidate: Candidate,
  changes: Partial<RunRequest> = {},
): Promise<RunRequest> {
  return testRequest({
    parameters: candidate.short,
    dataset: { ...testRequest().dataset, name: candidate.dataset },
    resources: { threads: 2, ranks: 1 },
    outputDirectory: await mkdtemp(join(tmpdir(), "reprise-trainer-")),
    ...changes,
  });
}

export type Execution = { outcome: TrainerOutcome; events: TrainerEvent[]; logs: TrainerLog[]; pid: number };

/** Runs a candidate as a worker does. `onEvent` sees each event and the process id. */
export async function execute(
  candidate: Candidate,
  request: RunRequest,
  options: Partial<Omit<RunTrainerOptions, "onEvent">> & {
    onEvent?: (event: TrainerEvent, pid: number) => void;
  } = {},
): Promise<Execution> {
  const events: TrainerEvent[] = [];
  const logs: TrainerLog[] = [];
  let pid = 0;
  const { onEvent, ...rest } = options;
  const outcome = await runTrainer({
    command: candidate.command.command,
    args: candidate.command.args,
    request,
    environment: trainerEnvironment({ base: process.env, own: candidate.command.env, run: request }),
    onStart: (started) => {
      pid = started;
    },
    onEvent: (event) => {
      events.push(event);
      onEvent?.(event, pid);
    },
    onLog: (log) => {
      logs.push(log);
    },
    ...rest,
  });
  return { outcome, events, logs, pid };
}
