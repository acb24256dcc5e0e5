import type { Divergence, Verification, VerificationVerdict } from "@reprise/contracts";
import { significant } from "../../shared/format/numbers.js";

export const verdictWords: Record<VerificationVerdict, { word: string; tone: string }> = {
  "bit-identical": { word: "Bit-identical", tone: "good" },
  "within-tolerance": { word: "Within tolerance", tone: "attention" },
  different: { word: "Different", tone: "attention" },
  incomparable: { word: "Not comparable", tone: "quiet" },
};

export const kindWords: Record<Verification["kind"], { noun: string; doing: string }> = {
  verify: { noun: "Verification", doing: "Training the run again, as it was" },
  replay: { noun: "Replay", doing: "Training the run again in its recorded summation order" },
};

/** What is known of the first difference beside its place: "dense/kernel · 3 ULP · relative error 2.1e−7". */
export function divergenceNote({ tensor, maxUlp, relativeError }: Divergence): string | null {
  const parts = [
    tensor,
    maxUlp === null ? null : `${significant(maxUlp)} ULP at most`,
    relativeError === null ? null : `relative error ${significant(relativeError, 2)}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(" · ");
}
