import type { RunRequest, TrainerCapabilities } from "@reprise/contracts";
import type { Hello } from "../protocol-check.js";
import type { TrainerCommand } from "../trainer-command.js";
import {
  fillTemplate,
  hyperparametersOf,
  parseTemplate,
  requiredOf,
  type TemplateWord,
} from "./command-template.js";
import { type PythonProgram, pythonProgram } from "./python-program.js";

type Template = Pick<TrainerCommand, "name" | "command" | "deviceClass">;

/** What is started for a run of a template, and what is said for it where it does not speak the protocol itself. */
export type TemplateProcess = { words: string[]; isPython: boolean; spokenFor: Hello | null };

const written = (words: readonly TemplateWord[]) => words.map((word) => word.written);

/** What a template computes on, by the names that studies have for it. */
const backendsOf = ({ deviceClass }: Template): [string, ...string[]] =>
  deviceClass === "gpu" ? ["cuda", "cpu"] : ["cpu"];

/**
 * The command line of a template for one run. A Python program is started by `python -m reprise serve`, which speaks the
 * protocol for it and looks inside; any other is started as it is.
 *
 * @throws TemplateError where the run cannot be put into the template
 */
export function templateProcess(template: Template, run: RunRequest): TemplateProcess {
  const words = parseTemplate(template.command);
  const python = pythonProgram(words);
  const filled = fillTemplate(words, run);
  const [backend] = backendsOf(template);
  if (!python) return { words: filled, isPython: false, spokenFor: helloFor(template, backend, run) };
  const before = python.interpreter.length;
  const about = {
    ...{ trainer: template.name, backend },
    ...{ template: written(python.program), hyperparameters: hyperparametersOf(words) },
  };
  const serve = ["-m", "reprise", "serve", JSON.stringify(about)];
  const line = [...filled.slice(0, before), ...serve, ...filled.slice(before)];
  return { words: line, isPython: true, spokenFor: null };
}

function helloFor({ name }: Template, used: string, { parameters, backend }: RunRequest): Hello {
  return {
    type: "hello",
    ...{ name, version: "", effectiveParameters: parameters, unusedParameters: [] },
    disclosures: [
      "Reprise does not look inside this program: hyperparameters and seed are what its command line was given, and exit code 0 counts as success, also where the program was asked to stop by a signal that it handled itself.",
    ],
    backend: { requested: backend, used },
  };
}

/** The words of a template's Python program for one run, with its interpreter; null for any other program. */
export function pythonWords(template: Template, run: RunRequest): PythonProgram<string> | null {
  const words = parseTemplate(template.command);
  const python = pythonProgram(words);
  if (!python) return null;
  const filled = fillTemplate(words, run);
  const at = python.interpreter.length;
  return { interpreter: filled.slice(0, at), program: filled.slice(at) };
}

/** The command line by which a template's Python program describes itself; null for any other program. */
export function describingWords(template: TrainerCommand): string[] | null {
  const python = pythonProgram(parseTemplate(template.command));
  if (!python || !template.describe) return null;
  const { interpreter, program } = python;
  const limit = ["--seconds", String(template.describeSeconds)];
  return [...written(interpreter), "-m", "reprise", "describe", ...limit, ...written(program)];
}

/** Capabilities of a template: those of `described` where its program could tell, else its placeholders, of any type. */
export function templateCapabilities(
  template: Template,
  described: TrainerCapabilities | null,
): TrainerCapabilities {
  const words = parseTemplate(template.command);
  const required = requiredOf(words);
  const hyperparameters = Object.fromEntries(
    hyperparametersOf(words).map((name) => {
      const told = described?.hyperparameters[name] ?? {
        type: "any" as const,
        description: "",
        default: null,
        nullable: false,
      };
      return [name, { ...told, ...(required.includes(name) && { required: true }) }];
    }),
  );
  return {
    ...{ version: described?.version ?? "", description: described?.description ?? "" },
    name: template.name,
    tasks: ["classification", "contrastive"],
    backends: backendsOf(template),
    backendProbes: [],
    deviceClass: template.deviceClass ?? "cpu",
    summationOrders: ["fixed", "free"],
    hyperparameters,
    // Whatever it reports, and reads: it announces neither.
    metrics: [],
    datasets: [],
    replay: false,
    // By `run.state`: a program without it leaves no checkpoint to go on from.
    resume: pythonProgram(words) !== null,
    // Whether it computes with PyTorch is seen when it is traced.
    locate: pythonProgram(words) !== null,
    nondeterminismSource:
      "Whatever the program leaves open: autotuned and atomic operations on a GPU, threads, the order in which workers load data.",
  };
}
