import { builtInTrainer, defaultSplit, type Run, type RunEvidence, type SweepSpec } from "@reprise/contracts";
import { counted } from "../analyses/words.js";

type DataInput = {
  spec: Pick<SweepSpec, "trainer" | "dataset" | "noise">;
  runs: readonly Pick<Run, "id">[];
  evidence: ReadonlyMap<string, RunEvidence>;
};

/** Whether the cases of the parts were drawn by the training program: Reprise draws those of the built-in trainer only. */
export const isSplitByProgram = ({ trainer }: Pick<SweepSpec, "trainer">) => trainer !== builtInTrainer;

/** A share without the last bits of floating-point arithmetic. */
const percent = (share: number) => `${Number((share * 100).toPrecision(4))} %`;

/** "60 % training, 20 % validation and 20 % test cases (split seed 1)" */
export function shareWords({ dataset: { split } }: Pick<SweepSpec, "dataset">): string {
  return `${percent(split.train)} training, ${percent(split.validation)} validation and ${percent(split.test)} test cases (split seed ${split.seed})`;
}

const isDefault = ({ dataset: { split } }: Pick<SweepSpec, "dataset">) =>
  JSON.stringify(split) === JSON.stringify(defaultSplit);

/** What is known of a split that the program drew, and what the specification asks of it where it asks for anything. */
export function programSplitSentence(spec: Pick<SweepSpec, "dataset">): string {
  const asked = isDefault(spec) ? "" : ` The specification asks for ${shareWords(spec)}.`;
  return `The split was drawn by the program; Reprise does not know its cases.${asked}`;
}

/** What is not shown of the data that runs saw: digests that are missing or differ, and who drew the split. */
export function dataSentences({ spec, runs, evidence }: DataInput): string[] {
  const digests = runs.flatMap(({ id }) => evidence.get(id)?.rungs.dataset?.digest ?? []);
  const without = runs.length - digests.length;
  const different = new Set(digests).size;
  return [
    ...(without === runs.length && runs.length > 0
      ? ["The data have no digest, so it is not shown that the runs saw the same data."]
      : without > 0
        ? [
            `The data of ${without} of ${runs.length} runs have no digest, so it is not shown that these saw the same data as the others.`,
          ]
        : []),
    ...(different > 1 && spec.noise.split !== "varied"
      ? [
          `${counted(different, "different digest")} of the data or their split are reported by ${counted(digests.length, "run")}: they were not all trained on the same cases.`,
        ]
      : []),
    ...(isSplitByProgram(spec) ? [programSplitSentence(spec)] : []),
  ];
}
