import { partNames } from "@reprise/contracts";
import { streamKey } from "../../arithmetic/streams.js";
import { userError } from "../../program/errors.js";
import { stratifiedSplit } from "../split.js";
import { type CaseSelection, type Dataset, fractions } from "./dataset.js";

/** Ids of the cases that are wanted, ascending. Throws a user error for a part that the set was not published with. */
export function chosenCases(
  name: string,
  { classes, labels, publishedParts }: Pick<Dataset, "classes" | "labels" | "publishedParts">,
  selection: CaseSelection | undefined,
): Int32Array {
  const all = Int32Array.from(labels.keys());
  const { part = null, cases = null } = selection ?? {};
  const ofPart = part === null ? all : all.filter((id) => publishedParts?.[id] === partNames.indexOf(part));
  if (ofPart.length === 0)
    throw userError(
      `Data set ${name} was not published with a ${part} part.`,
      "Leave the part out: all of its images are then used.",
    );
  if (cases === null || cases >= ofPart.length) return ofPart;
  const share = cases / ofPart.length;
  const { train } = stratifiedSplit(
    { name, classes, labels: ofPart.map((id) => labels[id] ?? -1), groups: {}, publishedParts: null },
    fractions(share, 0, 1 - share),
    streamKey(1, "split", null),
  );
  return train.map((at) => ofPart[at] as number);
}
