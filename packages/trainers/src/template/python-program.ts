import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import type { TemplateWord } from "./command-template.js";

/** The package `reprise` of this installation. */
const packageFolder = fileURLToPath(new URL("../../../python/src", import.meta.url));

/** A template that starts a Python program: its interpreter with options, and the program with its arguments. */
export type PythonProgram<Word> = { interpreter: Word[]; program: Word[] };

const isPython = /(^|[\\/])python[\d.]*(\.exe)?$/i;
/** Options of the interpreter that take no value and let it find packages as usual. */
const plainOption = /^-[bBdOqsuvx]+$/;

/**
 * Splits the words of a template where the Python program begins: a script (`train.py`) or a module (`-m train`); null
 * where another program is started.
 */
export function pythonProgram(words: readonly TemplateWord[]): PythonProgram<TemplateWord> | null {
  if (!isPython.test(words[0]?.written ?? "")) return null;
  let at = 1;
  for (; ; at += 1) {
    const word = words[at]?.written ?? "";
    if (word === "-X" || word === "-W") at += 1;
    else if (!plainOption.test(word)) break;
  }
  const begins = /\.py$/.test(words[at]?.written ?? "") || words[at]?.written === "-m";
  return begins ? { interpreter: words.slice(0, at), program: words.slice(at) } : null;
}

/** An environment in which the interpreter finds the package `reprise`. */
export function withPackage(environment: Record<string, string>): Record<string, string> {
  const path = [packageFolder, environment.PYTHONPATH].filter(Boolean).join(delimiter);
  return { ...environment, PYTHONPATH: path };
}
