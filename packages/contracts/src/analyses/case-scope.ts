import { z } from "zod";
import { parameters } from "../protocol/run-request.js";
import { number } from "./envelope.js";

/** Runs that are laid beside each other on the same cases: repeats of one seed, or one run of every seed. */
export const caseScope = z.strictObject({
  configurationKey: z.string(),
  configurationLabel: z.string(),
  params: parameters,
  arm: z.string(),
  /** Null: over seeds, the first repeat of each. */
  seed: z.int().nullable(),
  runs: z.int(),
  cases: z.int(),
  /** Grouping of the cases that intervals respect, and how many groups there are; null where cases count as independent. */
  grouping: z.string().nullable(),
  clusters: z.int().nullable(),
});
export type CaseScope = z.infer<typeof caseScope>;

/** A figure of every run of a scope. */
export const overRuns = z.strictObject({ mean: number, sd: number, min: number, max: number });

/** A curve of every run of a scope: mean and range between runs at each place; null where not every run has a value. */
export const bandOverRuns = z.strictObject({
  mean: z.array(number),
  min: z.array(number),
  max: z.array(number),
});
