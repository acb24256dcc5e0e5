import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Parameters, RunRequest, TrainerEvent } from "@reprise/contracts";
import type { TrainerOutcome } from "../outcome.js";
import { killGroup } from "../process-group.js";
import { type RunTrainerOptions, runTrainer, type TrainerLog } from "../run-trainer.js";
import type { TrainerCommand } from "../trainer-command.js";
import { trainerEnvironment } from "../trainer-environment.js";
import { trainerProcess } from "../trainer-process.js";
import { sampleRequest } from "./sample-request.js";

/** A trainer under the checks, with what they must know to ask it for a short and for a long run. */
export type Candidate = {
  command: TrainerCommand;
  dataset: string;
  /** Of a run that ends soon, and of one that is still there when it is to be stopped. */
  short: Parameters;
  long: Parameters;
};

export type Execution = { outcome: TrainerOutcome; events: TrainerEvent[]; logs: TrainerLog[]; pid: number };

/** A request for a short run of a candidate, in a folder of its own. */
export async function requestOf(
  candidate: Candidate,
  changes: Partial<RunRequest> = {},
): Promise<RunRequest> {
  return sampleRequest({
    parameters: candidate.short,
    dataset: { ...sampleRequest().dataset, name: candidate.dataset },
    resources: { threads: 2, ranks: 1 },
    outputDirectory: await mkdtemp(join(tmpdir(), "reprise-trainer-")),
    ...changes,
  });
}

const environmentOf = ({ command }: Candidate, run: RunRequest) =>
  trainerEnvironment({ base: process.env, own: command.env, run });

/** Runs a candidate as a worker does. `onEvent` sees each event and the process id. The run's folder is removed. */
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
    trainer: candidate.command,
    request,
    environment: environmentOf(candidate, request),
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
  }).finally(() => rm(request.outputDirectory, { recursive: true, force: true }));
  return { outcome, events, logs, pid };
}

/** So long a program is waited for that says nothing when it has begun, and that should end. */
const patience = { beginMs: 10_000, endMs: 30_000 };

/** Starts a long run, closes its stdin once it has begun, and says whether it ends by that; null where it ended before. */
export async function endsWithItsWorker(candidate: Candidate): Promise<boolean | null> {
  const request = await requestOf(candidate, { parameters: candidate.long });
  const { command, args, environment } = trainerProcess(
    candidate.command,
    request,
    environmentOf(candidate, request),
  );
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "ignore", "pipe"],
    env: environment,
    cwd: candidate.command.workingDirectory,
    detached: true,
  });
  const ended = once(child, "exit").then(() => true as const);
  const pipes = [child.stdio[1], child.stdio[3]].filter((pipe) => pipe instanceof Readable);
  try {
    child.stdin?.write(`${JSON.stringify(request)}\n`);
    const begun = Promise.race(pipes.map((pipe) => once(pipe, "data"))).then(() => false as const);
    for (const pipe of pipes) pipe.resume();
    if (await Promise.race([ended, begun, after(patience.beginMs)])) return null;
    child.stdin?.end();
    return await Promise.race([ended, after(patience.endMs)]);
  } finally {
    killGroup(child);
    await rm(request.outputDirectory, { recursive: true, force: true });
  }
}

function after(ms: number): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, false).unref();
  });
}

/** Asks a long run to stop once it has begun to report, or has run for a while without a word. */
export async function stopped(candidate: Candidate): Promise<Execution> {
  const controller = new AbortController();
  const request = await requestOf(candidate, { parameters: candidate.long });
  const stop = () => controller.abort("cancel");
  const timer = setTimeout(stop, patience.beginMs);
  return execute(candidate, request, {
    signal: controller.signal,
    graceMs: 60_000,
    onEvent: ({ type }) => {
      if (type === "metric" || type === "progress" || type === "digest") stop();
    },
  }).finally(() => clearTimeout(timer));
}
