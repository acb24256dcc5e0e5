import { areComparable, incomparableBecause, type LadderRung, type RungKind } from "@reprise/contracts";

/** One rung of one ladder or of two; with two, `b` is the other side. */
export type Rung = {
  kind: RungKind;
  position: number;
  a: string | null;
  b?: string | null;
  /** Why the two digests tell nothing of each other, where they do not. */
  incomparable?: string;
};

/** Rungs of a single ladder. */
export function singleLadder(rungs: readonly LadderRung[]): Rung[] {
  return rungs.map((rung) => ({ kind: rung.kind, position: rung.position, a: rung.digest }));
}

/** Two ladders rung by rung, in the order of the first and then of what only the second has. */
export function doubleLadder(a: readonly LadderRung[], b: readonly LadderRung[]): Rung[] {
  const place = (rung: LadderRung) => `${rung.kind} ${rung.position}`;
  const others = new Map(b.map((rung) => [place(rung), rung]));
  const rungs: Rung[] = a.map((rung) => {
    const other = others.get(place(rung));
    return {
      kind: rung.kind,
      position: rung.position,
      a: rung.digest,
      b: other?.digest ?? null,
      ...(other && !areComparable(rung.algorithm, other.algorithm)
        ? { incomparable: incomparableBecause(rung.algorithm, other.algorithm) }
        : {}),
    };
  });
  const known = new Set(a.map(place));
  const only = b
    .filter((rung) => !known.has(place(rung)))
    .map((rung) => ({ kind: rung.kind, position: rung.position, a: null, b: rung.digest }));
  return [...rungs, ...only];
}

/** What a rung of two ladders tells: `single` where one of them lacks it. */
export type RungState = "single" | "same" | "different" | "incomparable";

export function stateOf({ a, b = null, incomparable }: Rung): RungState {
  if (a === null || b === null) return "single";
  if (incomparable !== undefined) return "incomparable";
  return a === b ? "same" : "different";
}

/** The state in a word, where both ladders have the rung. */
export const stateWords: Record<RungState, string> = {
  single: "of one run only",
  same: "equal",
  different: "different",
  incomparable: "not comparable",
};

/** Of several rungs drawn as one: what a reader must not miss. */
export function joinedState(states: readonly RungState[]): RungState {
  return (["different", "incomparable", "same"] as const).find((one) => states.includes(one)) ?? "single";
}
