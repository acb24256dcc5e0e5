import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { Readable, type Writable } from "node:stream";
import { decodeNumber, type RunRequest, type TrainerEvent, trainerEvent } from "@reprise/contracts";
import { tfjsTrainerCommand } from "../index.js";
import { present } from "./errors.js";

/** What one run of the bundled program did. */
export type FinishedRun = {
  events: TrainerEvent[];
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** Wall time from starting the process to its end. */
  seconds: number;
};

/** A running trainer, as tests and the bench see it. */
export type RunningTrainer = {
  stdin: Writable;
  kill(signal: NodeJS.Signals): void;
  finished: Promise<FinishedRun>;
};

/**
 * Starts the bundled program, which must have been built, and gathers its events; `onEvent` sees each as it comes. A line that is no valid event rejects
 * `finished`.
 */
export function startBundled(
  input: string,
  onEvent: (event: TrainerEvent) => void = () => {},
  environment: NodeJS.ProcessEnv = process.env,
): RunningTrainer {
  const { command, args } = tfjsTrainerCommand();
  const started = performance.now();
  const child = spawn(command, args, {
    env: environment,
    stdio: ["pipe", "inherit", "inherit", "pipe"],
  });
  const stdin = present(child.stdin, "stdin of the trainer");
  // A trainer that refuses the request may be gone before everything is written.
  stdin.on("error", () => {});
  stdin.write(input);
  const pipe = child.stdio[3];
  if (!(pipe instanceof Readable)) throw new Error("Descriptor 3 of the trainer is no pipe.");
  const events: TrainerEvent[] = [];
  const finished = new Promise<FinishedRun>((resolve, reject) => {
    createInterface({ input: pipe }).on("line", (line) => {
      const parsed = trainerEvent.safeParse(JSON.parse(line));
      if (!parsed.success)
        return reject(new Error(`Not a trainer event: ${line.slice(0, 200)}: ${parsed.error.message}`));
      events.push(parsed.data);
      onEvent(parsed.data);
    });
    child.on("error", reject);
    child.on("close", (exitCode, signal) => {
      resolve({ events, exitCode, signal, seconds: (performance.now() - started) / 1000 });
    });
  });
  return { stdin, kill: (signal) => child.kill(signal), finished };
}

/** Runs a request to its end. */
export function runBundled(request: RunRequest, environment?: NodeJS.ProcessEnv): Promise<FinishedRun> {
  return startBundled(`${JSON.stringify(request)}\n`, undefined, environment).finished;
}

export type Order = RunRequest["arm"]["execution"]["order"];

/** A request on wdbc with the default arms' execution settings; `change` overrides its fields. */
export function requestOf(
  order: Order,
  parameters: RunRequest["parameters"],
  change: Partial<RunRequest> = {},
): RunRequest {
  return {
    protocol: 1,
    runId: "run",
    attempt: 1,
    task: "classification",
    parameters,
    seed: 0,
    mode: order === "free" ? "nondeterministic" : "deterministic",
    arm: { name: order, execution: { order, algorithms: "deterministic", autotune: false, tf32: false } },
    repeat: 0,
    noise: { init: "fixed", dataOrder: "fixed", augmentation: "fixed", dropout: "fixed", split: "fixed" },
    dataset: { name: "wdbc", split: { train: 0.45, validation: 0.15, test: 0.4, seed: 1, groupBy: null } },
    objective: null,
    threshold: { rule: "fixed", value: 0.5 },
    selection: { epoch: "last" },
    backend: "auto",
    resources: { threads: 2, ranks: 1 },
    outputDirectory: tmpdir(),
    checkpointEveryEpochs: null,
    checkpointEverySteps: null,
    keepWeights: "never",
    resume: null,
    replay: null,
    evaluate: null,
    ...change,
  };
}

/** Events of one type. */
export function eventsOf<T extends TrainerEvent["type"]>(
  { events }: Pick<FinishedRun, "events">,
  type: T,
): Extract<TrainerEvent, { type: T }>[] {
  return events.filter((event): event is Extract<TrainerEvent, { type: T }> => event.type === type);
}

/** The run digest, or null where the run did not finish. */
export const digestOf = (run: FinishedRun) => eventsOf(run, "done")[0]?.digest ?? null;

/** A metric's series by epoch. */
export function seriesOf(run: FinishedRun, key: string): Map<number, number> {
  const stretches = eventsOf(run, "metric").filter((event) => event.key === key);
  return new Map(
    stretches.flatMap(({ steps, values }) =>
      steps.map((step, i): [number, number] => [step, decodeNumber(values[i] ?? "NaN")]),
    ),
  );
}

/** A rung of the ladder by position. */
export function rungOf(run: FinishedRun, kind: string): Map<number, string> {
  const stretches = eventsOf(run, "digest").filter((event) => event.kind === kind);
  return new Map(
    stretches.flatMap(({ positions, digests }) =>
      positions.map((position, i): [number, string] => [position, digests[i] ?? ""]),
    ),
  );
}

/** The recorded summation orders, for a replay. */
export const ordersOf = (run: FinishedRun) =>
  eventsOf(run, "reduction-order").flatMap((event) => event.orders);
