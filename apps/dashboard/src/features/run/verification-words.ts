import {
  type Divergence,
  decodeNumber,
  type Verification,
  type VerificationVerdict,
} from "@reprise/contracts";
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

/** Which workers may train a repetition: "worker two", "a worker other than one". */
export function workerWords({ worker }: Pick<Verification, "worker">): string {
  if (worker === null) return "a worker";
  return worker.rule === "only" ? `worker ${worker.name}` : `a worker other than ${worker.name}`;
}

const partWords = { loss: "loss", gradient: "gradient", weights: "weights" } as const;

function differsIn({ lossDiffers, part, tensors }: Divergence): string | null {
  if (part === null) return null;
  if (part === "loss") return "the loss alone";
  const shown = tensors.length <= 3 ? tensors : [...tensors.slice(0, 2), `${tensors.length - 2} more`];
  return `${lossDiffers ? "loss and " : ""}${partWords[part]} of ${shown.join(", ")}`;
}

/**
 * What is known of the first difference beside its place: "gradient of dense0/weight · 3 ULP at most · relative error
 * 2.1e−7 · in the final weights, after 80 steps".
 */
export function divergenceNote(divergence: Divergence): string | null {
  const { maxUlp, maxRelativeError, measured } = divergence;
  const stored = measured?.stored === "checkpoint" ? "the checkpoint" : "the final weights";
  const parts = [
    differsIn(divergence),
    maxUlp === null ? null : `${significant(decodeNumber(maxUlp))} ULP at most`,
    maxRelativeError === null ? null : `relative error ${significant(decodeNumber(maxRelativeError), 2)}`,
    measured === null ? null : `in ${stored}, after ${measured.step} steps`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(" · ");
}
