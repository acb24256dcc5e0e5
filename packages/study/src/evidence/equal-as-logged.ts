import type { Contradiction, Run, Verdict } from "@reprise/contracts";
import { type Cell, isContradicted } from "../analyses/cells.js";
import { counted } from "../analyses/words.js";

/** Repeated cells of runs that another tracker recorded, and those whose runs are equal in every logged value. */
export type LoggedRepetitions = { cells: number; equal: number; runs: number; isSingle: boolean };

const loggedOf = (runs: readonly Run[]) =>
  runs.filter(({ digest, origin }) => digest === null && (origin?.valuesDigest ?? null) !== null);

/**
 * How far deterministic executions that another tracker recorded are equal. Their weights were not seen: nothing here shows that
 * they are equal to the bit. Null where no cell has two such runs.
 */
export function loggedRepetitions(
  cells: readonly Cell[],
  contradictions: readonly Contradiction[],
): LoggedRepetitions | null {
  const repeated = cells.flatMap(({ deterministic }) => {
    const runs =
      deterministic && !isContradicted(deterministic, contradictions) ? loggedOf(deterministic.runs) : [];
    return runs.length < 2 ? [] : [runs];
  });
  if (repeated.length === 0) return null;
  const equal = repeated.filter((runs) => new Set(runs.map(({ origin }) => origin?.valuesDigest)).size === 1);
  const runs = repeated.flat();
  return {
    cells: repeated.length,
    equal: equal.length,
    runs: runs.length,
    isSingle: runs.some(({ origin }) => origin?.precision === "float32"),
  };
}

/** "Deterministic executions are equal as logged." */
export function loggedRepetitionWords({ cells, equal }: LoggedRepetitions): string {
  if (equal === cells) return "Deterministic executions are equal as logged; their weights were not seen.";
  return `Executions that claim to be deterministic differ as logged in ${equal === 0 && cells === 1 ? "the one repeated cell" : `${cells - equal} of ${cells} repeated cells`}.`;
}

/** The same as a verdict with its basis; empty where nothing was repeated. */
export function loggedIdentityVerdicts(
  cells: readonly Cell[],
  contradictions: readonly Contradiction[],
): Verdict[] {
  const logged = loggedRepetitions(cells, contradictions);
  if (!logged) return [];
  const { equal, runs, isSingle } = logged;
  const isEqual = equal === logged.cells;
  return [
    {
      kind: isEqual ? "equal-as-logged" : "not-identical",
      tone: isEqual ? "neutral" : "attention",
      sentence: isEqual
        ? `${runs === 2 ? "Both" : `All ${runs}`} deterministic executions are equal in every logged value within their ${counted(logged.cells, "configuration-and-seed cell")}. Whether their weights are equal to the bit is not known.`
        : loggedRepetitionWords(logged),
      basis: [
        "All steps and values that the tracker holds were compared, except times. Reprise saw neither the training nor its weights.",
        ...(isSingle
          ? ["Values were stored in single precision: differences beyond seven digits are not visible."]
          : []),
      ],
    },
  ];
}
