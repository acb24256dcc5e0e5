import { z } from "zod";
import { id } from "../basics/primitives.js";
import { trainingDivergence } from "../protocol/training-divergence.js";
import { runStatus } from "../runs/run-states.js";

/** A square of the digest strip: just enough of a run to draw and link it. */
export const stripRun = z.strictObject({
  id,
  configurationKey: z.string(),
  configurationLabel: z.string(),
  seed: z.int(),
  arm: z.string(),
  repeat: z.int(),
  status: runStatus,
  digest: z.string().nullable(),
  excluded: z.boolean(),
  /** Where its training diverged; null where it did not. */
  diverged: trainingDivergence.nullable(),
  /** Settings that were observed or reported to be other than requested, or to change. */
  departures: z.int(),
});
export type StripRun = z.infer<typeof stripRun>;

/** Listings that come whole: there are never many of these. */
export const stripList = z.strictObject({ items: z.array(stripRun) });
