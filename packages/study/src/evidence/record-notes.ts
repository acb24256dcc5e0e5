import type { Environment, Run, RunEvidence, SweepSpec } from "@reprise/contracts";
import { counted, joinWords } from "../analyses/words.js";
import { dataSentences } from "./data.js";
import { countEnvironments, partialEnvironmentSentence } from "./environments.js";

/** Names in a sentence; all of them stand in the data. */
const named = (keys: readonly string[]) =>
  joinWords([...keys.slice(0, 4), ...(keys.length > 4 ? [`${keys.length - 4} more`] : [])]);

/** What is not known of where runs were executed, and what of it is the treatment. */
function environmentSentences(
  runs: readonly Run[],
  known: ReadonlyMap<string, Environment["values"]>,
): string[] {
  const { unrecorded, environments, treatment, differing } = countEnvironments(runs, known);
  const recorded = [...new Set(runs.flatMap(({ environmentId }) => environmentId ?? []))];
  const partial = partialEnvironmentSentence(
    recorded.flatMap((id) => {
      const values = known.get(id);
      return values ? [{ values }] : [];
    }),
  );
  const difference = differing.length > 0 ? ` They differ in ${named(differing)}.` : "";
  return [
    ...(environments.length === 0
      ? [
          "No environment is recorded, so it is not known where these runs were executed, nor whether all were executed in one place.",
        ]
      : unrecorded > 0
        ? [
            `No environment is recorded for ${unrecorded} of ${runs.length} runs, so it is not known whether they were executed where the others were.`,
          ]
        : []),
    ...(environments.length > 1
      ? [`${environments.length} environments: differences between runs may stem from them.${difference}`]
      : []),
    ...(treatment.length > 0
      ? [
          `Between arms the environment differs in ${counted(treatment.length, "value")} that an arm sets (${named(treatment)}): this is the treatment, not another environment.`,
        ]
      : []),
    ...(partial === null ? [] : [partial]),
  ];
}

/** What the record of a study leaves open about where its runs were executed and on which data. */
export function recordNotes(input: {
  spec: SweepSpec;
  runs: readonly Run[];
  /** Without one, nothing is said of the data. */
  evidence: ReadonlyMap<string, RunEvidence> | undefined;
  environments: ReadonlyMap<string, Environment["values"]> | undefined;
}): string[] {
  const { spec, runs, evidence, environments } = input;
  if (runs.length === 0) return [];
  return [
    ...environmentSentences(runs, environments ?? new Map()),
    ...(evidence ? dataSentences({ spec, runs, evidence }) : []),
  ];
}
