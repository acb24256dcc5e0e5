import { canonicalJson, type Environment, type Suspect, type VerificationKind } from "@reprise/contracts";

type Values = Environment["values"];

/**
 * Environment values by how often a difference in them changes results, first to last; the first pattern that a key
 * fits counts. What fits none is a trainer's own and stands between "likely" and "unlikely".
 */
const ranks: ReadonlyArray<readonly [pattern: RegExp, likelihood: Suspect["likelihood"]]> = [
  [/^code\.(files|commit|dirty)$/, "likely"],
  [/^backend$|^trainer$/, "likely"],
  [/^variable\./, "likely"],
  [/^code\.lock$/, "likely"],
  [/^gpu\.(\d+\.(name|computeCapability)|driver|cuda)$/, "likely"],
  [/^(?!os\.|libc\.|node\.|cpu\.).*(version|tfjs|torch|cuda|cudnn|blas|numpy)/i, "likely"],
  [/^wasm|simd/i, "likely"],
  [/^cpu\.(flagsDigest|model|vendor|family|modelNumber|stepping)$/, "possible"],
  [/^os\.(architecture|platform)$/, "possible"],
  [/^libc\.|^node\./, "possible"],
  [/^(cpu|memory|os)\.|^gpu\.(count|\d+\.memoryMiB)$/, "unlikely"],
];
/** Own values of trainers come before the last entry. */
const unknownRank = ranks.length - 1.5;

function rankOf(key: string): number {
  const found = ranks.findIndex(([pattern]) => pattern.test(key));
  return found < 0 ? unknownRank : found;
}

/**
 * Environment values in which a run and its replica differ, most likely cause first. They are suspects only: what
 * differs decides nothing. The summation order of a replay differs by design and is left out.
 */
export function environmentSuspects(source: Values, replica: Values, kind: VerificationKind): Suspect[] {
  return [...new Set([...Object.keys(source), ...Object.keys(replica)])]
    .filter((key) => canonicalJson(source[key]) !== canonicalJson(replica[key]))
    .filter((key) => kind !== "replay" || !/(^|\.)summationOrder$/.test(key))
    .toSorted((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1))
    .map((key) => ({
      key,
      source: source[key] ?? null,
      replica: replica[key] ?? null,
      likelihood: ranks[rankOf(key)]?.[1] ?? "possible",
    }));
}
