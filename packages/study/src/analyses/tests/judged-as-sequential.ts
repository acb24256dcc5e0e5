import type { Analysis } from "@reprise/contracts";
import { type AnalysisInput, addedLater } from "../input.js";

const note =
  "This study decides from its results when to stop. p-values and intervals for a fixed sample size then lead to false claims too often; the sequential analysis controls its error over all looks.";

/** An answer of a sequential study: tests made for a fixed sample say that they are, and added seeds are no afterthought. */
export function judgedAsSequential<Answer extends Analysis>(
  answer: Answer,
  { spec }: Pick<AnalysisInput["sweep"], "spec">,
): Answer {
  if (!spec.design || answer.analysis === "sequential") return answer;
  return { ...answer, notes: [note, ...answer.notes.filter((line) => !line.includes(addedLater))] };
}
