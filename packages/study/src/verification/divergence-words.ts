import { type Divergence, decodeNumber, type WireNumber } from "@reprise/contracts";
import { counted, joinWords } from "../analyses/words.js";
import { divergencePlace } from "./compare-rungs.js";

/** "dense0/weight, norm0/gamma and 5 others". */
function tensorWords(tensors: readonly string[]): string {
  if (tensors.length <= 3) return joinWords([...tensors]);
  return `${tensors.slice(0, 2).join(", ")} and ${counted(tensors.length - 2, "other")}`;
}

function differs({ kind, position, lossDiffers, part, tensors, tensorsAt }: Divergence): string | null {
  if (part === null) return null;
  const where =
    tensorsAt === position ? "" : `, as of ${kind} ${tensorsAt}, the next with digests of tensors`;
  if (part === "loss") return `the loss alone${where}`;
  const what = part === "gradient" ? "the reduced gradient" : "the weights";
  return `${lossDiffers ? "the loss and " : ""}${what} of ${tensorWords(tensors)}${where}`;
}

const figure = (value: WireNumber | null) => {
  const number = decodeNumber(value ?? "NaN");
  if (!Number.isFinite(number)) return "unbounded";
  return Math.abs(number) >= 1e6 ? number.toExponential(2) : String(Number(number.toPrecision(3)));
};

function measuredAt({ measured }: Divergence): string {
  if (measured === null) return "";
  const name = measured.stored === "checkpoint" ? "the checkpoint" : "the final weights";
  return `${name}, after ${counted(measured.step, "step")}`;
}

/** Where two runs part and how far they lie apart, as sentences. */
export function divergenceSentences(divergence: Divergence): string {
  const { measured, maxUlp, maxRelativeError, epoch } = divergence;
  const place = `The runs part ${divergencePlace(divergence)}${epoch === null ? "" : ` (epoch ${epoch})`}`;
  const what = differs(divergence);
  const first = what === null ? `${place}.` : `${place}: they differ first in ${what}.`;
  if (measured === null) return first;
  if (measured.tensors.length === 0)
    return `${first} The weights are equal again in ${measuredAt(divergence)}.`;
  const signs = decodeNumber(maxRelativeError ?? 0) > 1 ? " (the signs differ)" : "";
  return `${first} In ${measuredAt(divergence)}, ${counted(measured.tensors.length, "tensor differs", "tensors differ")} by at most ${figure(maxUlp)} ulp, a relative error of ${figure(maxRelativeError)}${signs}.`;
}

/** The same for a terminal: a name and its value a line. */
export function divergenceLines(divergence: Divergence): [name: string, value: string][] {
  const { measured, maxUlp, maxRelativeError, epoch } = divergence;
  const what = differs(divergence);
  return [
    ["first divergence", `${divergencePlace(divergence)}${epoch === null ? "" : ` (epoch ${epoch})`}`],
    ...(what === null ? [] : [["differs in", what] satisfies [string, string]]),
    ...(measured === null
      ? []
      : ([
          [
            "largest distance",
            `${figure(maxUlp)} ulp, relative error ${figure(maxRelativeError)}${decodeNumber(maxRelativeError ?? 0) > 1 ? ", the signs differ" : ""}`,
          ],
          ["measured in", measuredAt(divergence)],
        ] satisfies [string, string][])),
  ];
}
