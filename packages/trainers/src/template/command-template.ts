import type { Parameters, ParameterValue, RunRequest } from "@reprise/contracts";
import parseWords from "string-argv";

/** What is wrong with a template, in words for whoever wrote it. */
export class TemplateError extends Error {}

type Piece = { text: string } | { name: string };
/** One word of a command line, as it is written and in pieces. */
export type TemplateWord = { written: string; pieces: Piece[] };

/** Placeholders that stand for something else of a run than a hyperparameter. */
const ofRun = {
  seed: (run) => run.seed,
  mode: (run) => run.mode,
  arm: (run) => run.arm.name,
  repeat: (run) => run.repeat,
  dataset: (run) => run.dataset.name,
  // Left to the program where the study leaves it open.
  threads: ({ resources }) => (resources.threads === "auto" ? null : resources.threads),
  output: (run) => run.outputDirectory,
  "execution.order": (run) => run.arm.execution.order,
  "execution.algorithms": (run) => run.arm.execution.algorithms,
  "execution.autotune": (run) => run.arm.execution.autotune,
  "execution.tf32": (run) => run.arm.execution.tf32,
} as const satisfies Record<string, (run: RunRequest) => ParameterValue>;

const isOfRun = (name: string): name is keyof typeof ofRun => Object.hasOwn(ofRun, name);

/** Whether a command of the worker's file is a template: it has a brace. */
export const isTemplate = (command: string) => /[{}]/.test(command);

/**
 * The words of a command line with placeholders in braces: `python train.py --lr {learningRate} --seed {seed}`. Quotes
 * hold words together; `{{` and `}}` are braces. No shell reads it.
 *
 * @throws TemplateError for a brace without its other one, and for a placeholder that nothing can be put in for
 */
export function parseTemplate(command: string): TemplateWord[] {
  return parseWords(command).map((written) => ({ written, pieces: piecesOf(written) }));
}

function piecesOf(word: string): Piece[] {
  const parts = word.match(/\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+/g) ?? [];
  return parts.map((part): Piece => {
    if (part === "{{" || part === "}}") return { text: part.slice(1) };
    if (part === "{" || part === "}") {
      throw new TemplateError(
        `"${word}" has a brace without its other one; a brace itself is written ${part}${part}`,
      );
    }
    if (!part.startsWith("{")) return { text: part };
    const name = part.slice(1, -1);
    if (!/^[A-Za-z_][\w.-]*$/.test(name))
      throw new TemplateError(`${part} in "${word}" is not a name of a hyperparameter`);
    if (/^(execution\b|mode\.|arm\.)/.test(name) && !isOfRun(name)) {
      throw new TemplateError(
        `${part} is unknown; of a run there are ${Object.keys(ofRun)
          .map((known) => `{${known}}`)
          .join(", ")}`,
      );
    }
    return { name };
  });
}

/** Names of the hyperparameters that a template has a place for. */
export function hyperparametersOf(words: readonly TemplateWord[]): string[] {
  const names = words.flatMap(({ pieces }) =>
    pieces.flatMap((piece) => ("name" in piece ? [piece.name] : [])),
  );
  return [...new Set(names.filter((name) => !isOfRun(name)))];
}

/** Hyperparameters without which the command line could not be written: no option stands before them that could be left out. */
export function requiredOf(words: readonly TemplateWord[]): string[] {
  return hyperparametersOf(words).filter((name) => {
    try {
      fill(words, (asked) => (asked === name ? undefined : "x"));
      return false;
    } catch {
      return true;
    }
  });
}

/**
 * The words for one run. What the study leaves unset is left out, with the option before it; so is an option whose value
 * is false, while true leaves the option alone: `--amsgrad {amsgrad}` is a switch, `--amsgrad={amsgrad}` is not. A list
 * is several words.
 *
 * @throws TemplateError that names a hyperparameter without a place, or one without a value that cannot be left out
 */
export function fillTemplate(words: readonly TemplateWord[], run: RunRequest): string[] {
  const places = hyperparametersOf(words);
  const missing = Object.keys(run.parameters).filter((name) => !places.includes(name));
  if (missing.length > 0) {
    const named = missing.map((name) => `{${name}}`).join(", ");
    throw new TemplateError(`has no ${named} in its command`);
  }
  const parameters: Parameters = run.parameters;
  return fill(words, (name) => (isOfRun(name) ? ofRun[name](run) : parameters[name]));
}

function fill(
  words: readonly TemplateWord[],
  valueFor: (name: string) => ParameterValue | undefined,
): string[] {
  const filled: string[] = [];
  words.forEach(({ written, pieces }, index) => {
    const option = optionBefore(words, index);
    const [only] = pieces;
    const value =
      pieces.length === 1 && only && "name" in only ? valueFor(only.name) : textOf(pieces, valueFor);
    if (value === true && option) return;
    if (value === null || value === undefined || (value === false && option)) {
      if (option) filled.pop();
      else if (!/^-.*=/.test(written))
        throw new TemplateError(
          `needs a value for ${written}: no option stands before it that could be left out`,
        );
      return;
    }
    filled.push(...(Array.isArray(value) ? value : [value]).map(String));
  });
  return filled;
}

/** Whether an option as it is (`--lr`, `-b`) stands before a word that is nothing but a placeholder. */
function optionBefore(words: readonly TemplateWord[], index: number): boolean {
  const before = words[index - 1];
  const isPlaceholder = words[index]?.pieces.every((piece) => "name" in piece) ?? false;
  return isPlaceholder && before !== undefined && /^--?[A-Za-z][^={}]*$/.test(before.written);
}

/** A word of text and values; undefined where one of them is unset. */
function textOf(
  pieces: readonly Piece[],
  valueFor: (name: string) => ParameterValue | undefined,
): string | undefined {
  let text = "";
  for (const piece of pieces) {
    const value = "text" in piece ? piece.text : valueFor(piece.name);
    if (value === null || value === undefined) return undefined;
    text += Array.isArray(value) ? value.join(",") : String(value);
  }
  return text;
}
