import type { TrainerEvent } from "@reprise/contracts";
import { sampleRequest } from "../check/sample-request.js";
import type { TrainerOutcome } from "../outcome.js";
import { type RunTrainerOptions, runTrainer, type TrainerLog } from "../run-trainer.js";
import { trainerCommand } from "../trainer-command.js";
import { scrubbedEnvironment } from "../trainer-environment.js";

// A trainer in one string: `body` runs once the request has arrived.
const prelude = `
  const fs = require("node:fs");
  const write = (text) => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(3, bytes, at);
  };
  const line = (text) => write(text + "\\n");
  const emit = (event) => line(JSON.stringify(event));
  const hello = (more = {}) => emit({ type: "hello", name: "t", version: "1", effectiveParameters: request.parameters,
    backend: { requested: "auto", used: "cpu" }, ...more });
  const done = () => emit({ type: "done", digest: null, selectedEpoch: null });
  const metric = (step) => emit({ type: "metric", key: "trainLoss", steps: [step], values: [1 / step] });
  let request, text = "";
  process.stdin.on("data", (chunk) => {
    text += chunk;
    if (request || !text.includes("\\n")) return;
    request = JSON.parse(text);
    process.stdin.unref();
    main();
  });
`;

export type Result = { outcome: TrainerOutcome; events: TrainerEvent[]; logs: TrainerLog[] };

type Options = Partial<RunTrainerOptions> & { command?: string; args?: string[] };

/** Runs a trainer of this body, or a command, to its end. */
export async function run(body: string, { command, args, ...options }: Options = {}): Promise<Result> {
  const events: TrainerEvent[] = [];
  const logs: TrainerLog[] = [];
  const outcome = await runTrainer({
    trainer: trainerCommand.parse({
      name: "t",
      command: command ?? process.execPath,
      args: args ?? (command ? [] : ["-e", `${prelude}; async function main() { ${body} }`]),
    }),
    request: sampleRequest(),
    environment: scrubbedEnvironment(process.env),
    onEvent: (event) => void events.push(event),
    onLog: (log) => void logs.push(log),
    ...options,
  });
  return { outcome, events, logs };
}

export const failure = ({ outcome }: Result) => {
  if (outcome.status !== "failed") throw new Error(`expected a failure, got ${outcome.status}`);
  return outcome;
};
