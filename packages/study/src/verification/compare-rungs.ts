import {
  areComparable,
  incomparableBecause,
  type LadderRung,
  type RungKind,
  rungKinds,
} from "@reprise/contracts";
import { counted } from "../analyses/words.js";

/** A place on the ladder. */
export type LadderPlace = Pick<LadderRung, "kind" | "position">;

/** What two ladders have in common, and the lowest place where they part. */
export type ComparedRungs = {
  /** Numeric rungs that both ladders have and that are equal. */
  matched: number;
  /** Numeric rungs that only one of the ladders has. */
  unpaired: number;
  /** Numeric rungs that both ladders have by two algorithms, and why these tell nothing; null where there are none. */
  incomparable: { rungs: number; because: string } | null;
  /** The lowest numeric rung that both have and that differs. */
  firstDivergence: LadderPlace | null;
  /** Whether both have a rung of the result itself: final weights or predictions. */
  reachesResult: boolean;
};

const notNumeric: ReadonlySet<RungKind> = new Set(["configuration", "environment"]);
const ofResult: ReadonlySet<RungKind> = new Set(["finalWeights", "predictions"]);

const nameOf = ({ kind, position }: LadderRung) => `${kind} ${position}`;
const byLadder = (a: LadderRung, b: LadderRung) =>
  rungKinds.indexOf(a.kind) - rungKinds.indexOf(b.kind) || a.position - b.position;

/** That rungs were left out of a comparison, and why, as a sentence; none where none was. */
export function incomparableSentences({ incomparable }: Pick<ComparedRungs, "incomparable">): string[] {
  if (incomparable === null) return [];
  return [`${counted(incomparable.rungs, "digest")} could not be compared: ${incomparable.because}.`];
}

/** Whether two digests agree as far as both were stored: digests of steps may be cut to 16 bytes. */
export function sameDigest(a: string, b: string): boolean {
  const common = Math.min(a.length, b.length);
  return common > 0 && a.slice(0, common) === b.slice(0, common);
}

/**
 * Compares the numeric rungs of two ladders in the order of the ladder. Configuration and environment are not numeric, and
 * digests by two algorithms are neither equal nor different.
 */
export function compareRungs(source: readonly LadderRung[], replica: readonly LadderRung[]): ComparedRungs {
  const numeric = (rungs: readonly LadderRung[]) => rungs.filter(({ kind }) => !notNumeric.has(kind));
  const left = numeric(source).toSorted(byLadder);
  const right = new Map(numeric(replica).map((rung) => [nameOf(rung), rung]));
  let matched = 0;
  let paired = 0;
  let firstDivergence: LadderPlace | null = null;
  let reachesResult = false;
  const unlike: string[] = [];
  for (const rung of left) {
    const other = right.get(nameOf(rung));
    if (other === undefined) continue;
    paired++;
    if (!areComparable(rung.algorithm, other.algorithm)) {
      unlike.push(incomparableBecause(rung.algorithm, other.algorithm));
      continue;
    }
    if (ofResult.has(rung.kind)) reachesResult = true;
    if (sameDigest(rung.digest, other.digest)) matched++;
    else firstDivergence ??= { kind: rung.kind, position: rung.position };
  }
  const unpaired = left.length + right.size - 2 * paired;
  const [because] = unlike;
  const incomparable = because === undefined ? null : { rungs: unlike.length, because };
  return { matched, unpaired, incomparable, firstDivergence, reachesResult };
}

/** Where two runs part, as it stands in a sentence: "at step 17". */
export function divergencePlace({ kind, position }: LadderPlace): string {
  switch (kind) {
    case "configuration":
      return "in the configuration";
    case "environment":
      return "in the environment";
    case "dataset":
      return "in the data set or its split";
    case "dataOrder":
      return `in the data order of epoch ${position}`;
    case "initialWeights":
      return "in the initial weights";
    case "step":
      return `at step ${position}`;
    case "epoch":
      return `in the weights after epoch ${position}`;
    case "finalWeights":
      return "in the final weights";
    case "predictions":
      return "in the predictions";
  }
}
