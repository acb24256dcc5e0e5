import { canonicalJson, type Environment, type Suspect, type VerificationKind } from "@reprise/contracts";

type Values = Environment["values"];

/**
 * Environment values by how often a difference in them changes results, first to last; the first pattern that a key
 * fits counts. What fits none is a trainer's own and stands between "likely" and "unlikely".
 */
const ranks: ReadonlyArray<readonly [pattern: RegExp, likelihood: Suspect["likelihood"]]> = [
  [/^code\.(files|commit|dirty)$/, "likely"],
  [/^dataset\./, "likely"],
  [/^(backend|trainer|adapter)/, "likely"],
  [/^variable\./, "likely"],
  [/^code\.lock$/, "likely"],
  [/^gpu\.(\d+\.(name|computeCapability)|driver|cuda)$/, "likely"],
  [/^(?!os\.|libc\.|node\.|cpu\.|container\.).*(version|tfjs|torch|cuda|cudnn|blas|numpy)/i, "likely"],
  [/^(wasm|simd)/i, "likely"],
  [/^cpu\.(simd|flagsDigest|model|vendor|family|modelNumber|stepping)$/, "possible"],
  [/^os\.(architecture|platform)$/, "possible"],
  [/^(libc|node|container)\./, "possible"],
  [/^(cpu|memory|os)\.|^gpu\.(count|\d+\.memoryMiB)$/, "unlikely"],
];
/** Own values of trainers come before the last entry. */
const unknownRank = ranks.length - 1.5;

function rankOf(key: string): number {
  const found = ranks.findIndex(([pattern]) => pattern.test(key));
  return found < 0 ? unknownRank : found;
}

/** How often a difference in this environment value changes results. */
export function likelihoodOf(key: string): Suspect["likelihood"] {
  return ranks[rankOf(key)]?.[1] ?? "possible";
}

/** Order of environment values by how often a difference in them changes results, most often first; then by name. */
export function byLikelihood(a: string, b: string): number {
  return rankOf(a) - rankOf(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/**
 * Environment values in which a run and its replica differ, most likely cause first. They are suspects only: what
 * differs decides nothing. The summation order of a replay differs by design and is left out.
 */
export function environmentSuspects(source: Values, replica: Values, kind: VerificationKind): Suspect[] {
  return [...new Set([...Object.keys(source), ...Object.keys(replica)])]
    .filter((key) => canonicalJson(source[key]) !== canonicalJson(replica[key]))
    .filter((key) => kind !== "replay" || !/(^|\.)summationOrder$/.test(key))
    .toSorted(byLikelihood)
    .map((key) => ({
      key,
      source: source[key] ?? null,
      replica: replica[key] ?? null,
      likelihood: likelihoodOf(key),
    }));
}
