import { type ChildProcess, spawn } from "node:child_process";
import { localizationProgress, localizationResult, type RunRequest } from "@reprise/contracts";
import { z } from "zod";
import { linesOf } from "./lines.js";
import { letOthersFirst } from "./niceness.js";
import { endGroup, killGroup } from "./process-group.js";
import { isStopSignal, saysStopped } from "./stopped.js";
import { killStrays, markOf, startMarked } from "./strays.js";
import { isTemplate, TemplateError } from "./template/command-template.js";
import { type PythonProgram, pythonProgram, withPackage } from "./template/python-program.js";
import { pythonWords } from "./template/template-trainer.js";
import type { TrainerCommand } from "./trainer-command.js";

/** One of the two trainings that are traced side by side. */
export type SideToLocate = {
  request: RunRequest;
  /** The environment of its process, as of a run. */
  environment: Record<string, string>;
  /** What it goes on from; null: it begins at the start. */
  checkpoint: string | null;
};

export type LocateOutcome =
  | { status: "ended"; result: z.infer<typeof localizationResult> }
  | {
      status: "failed";
      /** Why nothing could be located, as a sentence. */
      explanation: string;
      /** The program that traces, or one that is traced, ended as programs do that are told to stop: perhaps all of this machine's job was. */
      asIfStopped?: boolean;
    };

const said = z.union([
  localizationProgress,
  z.strictObject({ found: localizationResult }),
  z.strictObject({ failed: z.string() }),
]);

const maxLineBytes = 4 * 1024 * 1024;
const maxWords = 2_000;

/** Interpreter and program of a trainer that is written in Python, for one run; null for any other trainer. */
function pythonOf(trainer: TrainerCommand, request: RunRequest): PythonProgram<string> | null {
  if (isTemplate(trainer.command)) return pythonWords(trainer, request);
  return protocolProgram(trainer);
}

function protocolProgram({ command, args }: TrainerCommand): PythonProgram<string> | null {
  const found = pythonProgram([command, ...args].map((written) => ({ written, pieces: [] })));
  return found && { interpreter: written(found.interpreter), program: written(found.program) };
}

const written = (words: readonly { written: string }[]) => words.map((word) => word.written);

/** Whether the program of a trainer is one that can be traced from outside: Python, started by its interpreter. */
export function canLocate(trainer: TrainerCommand): boolean {
  return isTemplate(trainer.command) || protocolProgram(trainer) !== null;
}

/**
 * Trains two runs side by side, every operation traced, until they part, as often as `tries` where they do not; both from
 * checkpoints after `before` steps, or from the start. Aborting `signal` ends both processes, and the promise is rejected.
 * `temporary` is a folder for what the processes leave behind.
 */
export async function locateRuns(options: {
  trainer: TrainerCommand;
  sides: readonly [SideToLocate, SideToLocate];
  before: number;
  tries: number;
  temporary: string;
  /** How far it lets other programs of the machine go first: 0 to 19. */
  niceness: number;
  signal: AbortSignal;
  onProgress: (progress: z.infer<typeof localizationProgress>) => void;
}): Promise<LocateOutcome> {
  const { trainer, sides, signal } = options;
  signal.throwIfAborted();
  const speaksProtocol = !isTemplate(trainer.command);
  let programs: (PythonProgram<string> | null)[];
  try {
    programs = sides.map(({ request }) => pythonOf(trainer, request));
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { status: "failed", explanation: `Trainer ${trainer.name} ${error.message}.` };
  }
  const [command, ...interpreterOptions] = programs[0]?.interpreter ?? [];
  if (command === undefined)
    return {
      status: "failed",
      explanation: `Trainer ${trainer.name} is not a program in Python: nothing of it can be traced.`,
    };
  const own = { ...withPackage(sides[0].environment), TMPDIR: options.temporary };
  const child = startMarked(own, (env) =>
    spawn(command, [...interpreterOptions, "-m", "reprise.locating.job"], {
      env,
      cwd: trainer.workingDirectory,
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      windowsHide: true,
    }),
  );
  if (child.pid !== undefined) letOthersFirst(child.pid, options.niceness);
  const swept = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => {
      killGroup(child);
      resolve(killStrays(child));
    });
  });
  const document = {
    before: options.before,
    steps: null,
    tries: options.tries,
    sides: sides.map(({ request, environment, checkpoint }, index) => ({
      execution: request.arm.execution,
      seed: request.seed,
      words: programs[index]?.program ?? [],
      environment: { ...withPackage(environment), ...markOf(child) },
      request: speaksProtocol
        ? {
            ...request,
            resume: checkpoint === null ? null : { checkpointPath: checkpoint, step: options.before },
          }
        : null,
      state: speaksProtocol ? null : checkpoint,
    })),
  };
  const stop = () => void endGroup(child, 1_000);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const outcome = await outcomeOf(child, `${JSON.stringify(document)}\n`, options.onProgress);
    signal.throwIfAborted();
    return outcome;
  } finally {
    signal.removeEventListener("abort", stop);
    killGroup(child);
    await swept;
  }
}

async function outcomeOf(
  child: ChildProcess,
  document: string,
  onProgress: (progress: z.infer<typeof localizationProgress>) => void,
): Promise<LocateOutcome> {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error("The process has no pipes.");
  const exited = new Promise<{ words: string; isStop: boolean }>((resolve) => {
    child.once("error", ({ message }) =>
      resolve({ words: `it could not be started: ${message}`, isStop: false }),
    );
    child.once("exit", (code, signal) =>
      resolve(
        signal
          ? { words: `it was killed by ${signal}`, isStop: isStopSignal(signal) }
          : { words: `it ended with exit code ${code}`, isStop: false },
      ),
    );
  });
  let lastWords = "";
  stderr.on("data", (chunk: Buffer) => {
    lastWords = `${lastWords}${chunk.toString()}`.slice(-maxWords);
  });
  // Its end is judged by what it said, not by our broken pipe.
  stdin.on("error", () => {});
  stdin.write(document);
  let outcome: LocateOutcome | null = null;
  for await (const { text, isTorn } of linesOf(stdout, maxLineBytes)) {
    // Killed while it wrote: its end says more.
    if (isTorn) continue;
    const message = said.parse(JSON.parse(text));
    if ("found" in message) outcome = { status: "ended", result: message.found };
    else if ("failed" in message) outcome = failed(message.failed, tellsOfStop(message.failed));
    else onProgress(message);
  }
  stdin.end();
  const { words, isStop } = await exited;
  return (
    outcome ??
    failed(`the program that traces did not answer: ${words}\n${lastWords}`, isStop || tellsOfStop(lastWords))
  );
}

const failed = (text: string, asIfStopped: boolean): LocateOutcome => ({
  ...{ status: "failed", explanation: sentence(text) },
  ...(asIfStopped && { asIfStopped }),
});

/** How Python tells of a process that a signal to stop has ended, and how shells do. */
const endedBySignal = /\bended with exit code (-(1|2|15)|129|130|143)\b/;

function tellsOfStop(text: string): boolean {
  return endedBySignal.test(text) || text.split("\n").some(saysStopped);
}

/** With a capital letter, and not longer than a page shows. */
function sentence(text: string): string {
  const cut = text.trim().slice(0, maxWords);
  return `${cut.charAt(0).toUpperCase()}${cut.slice(1)}`;
}
