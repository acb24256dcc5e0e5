import { z } from "zod";

/**
 * How something said of a run is known, from the weakest word to the strongest:
 *
 * - `requested`: the specification asked for it, and nothing more is known;
 * - `reported`: the training program, or whoever logged the run, said so;
 * - `observed`: Reprise's code inside the training process saw it, during the run;
 * - `verified`: it was repeated, and came out the same.
 */
export const waysKnown = ["requested", "reported", "observed", "verified"] as const;
export const howKnown = z.enum(waysKnown);
export type HowKnown = z.infer<typeof howKnown>;

/** The weakest of several; null where one of them is not known at all, or there are none. */
export function weakestKnown(ways: readonly (HowKnown | null)[]): HowKnown | null {
  if (ways.includes(null)) return null;
  return waysKnown.find((way) => ways.includes(way)) ?? null;
}

/** What is claimed of every run: the settings of its arm, what its draws come from, what it used, where, and whether it repeats. */
export const claimSubject = z.enum([
  "order",
  "algorithms",
  "autotune",
  "tf32",
  "noise",
  "seed",
  "split",
  "parameters",
  "environment",
  "repetition",
]);
export type ClaimSubject = z.infer<typeof claimSubject>;

export const claimSubjectLabels: Readonly<Record<ClaimSubject, string>> = {
  order: "Order of summation",
  algorithms: "Algorithms",
  autotune: "Autotuning",
  tf32: "TF32",
  noise: "Noise sources",
  seed: "Seed",
  split: "Split of the data",
  parameters: "Effective parameters",
  environment: "Environment",
  repetition: "Repetition as a whole",
};

/** Something that is said of a run, or of all runs of a study, and how it is known. */
export const claim = z.strictObject({
  subject: claimSubject,
  /** What is claimed, in words. */
  value: z.string(),
  /** Null where nothing is recorded. */
  known: howKnown.nullable(),
  /** By what it is known. */
  reason: z.string(),
  /** What was seen is not what the specification asked for, or did not stay as it was. */
  departs: z.boolean(),
});
export type Claim = z.infer<typeof claim>;
