import { createHash } from "node:crypto";
import { canonicalJson, type Parameters, type SweepSpec } from "@reprise/contracts";

/** SHA-256 of the canonical JSON of a document, lower-case hex: equal documents have equal digests, whatever their key order. */
export function digestOf(document: unknown): string {
  return createHash("sha256").update(canonicalJson(document)).digest("hex");
}

/** SHA-256 of the whole spec. */
export function specDigest(spec: SweepSpec): string {
  return digestOf(spec);
}

/** SHA-256 of the analysis plan, or null without one. Taken before the first run, it shows later what was fixed in advance. */
export function analysisPlanDigest(spec: Pick<SweepSpec, "analysisPlan">): string | null {
  return spec.analysisPlan ? digestOf(spec.analysisPlan) : null;
}

/** Name of a configuration: 64 bits of the digest of its hyperparameters, without seed, arm, repeat and label. */
export function configurationKey(params: Parameters): string {
  return digestOf(params).slice(0, 16);
}

/** Name of a run within its sweep: 128 bits of the digest of configuration, seed, arm and repeat. */
export function runKey(run: { params: Parameters; seed: number; arm: string; repeat: number }): string {
  const { params, seed, arm, repeat } = run;
  return digestOf({ configuration: params, seed, arm, repeat }).slice(0, 32);
}

/**
 * A number in [0, 1) with 53 random bits that depends on nothing but its address, for draws that must not change when
 * another draw is added before them.
 */
export function uniformAt(...address: readonly (string | number)[]): number {
  const bytes = createHash("sha256").update(JSON.stringify(address)).digest();
  return Number(bytes.readBigUInt64BE(0) >> 11n) / 2 ** 53;
}
