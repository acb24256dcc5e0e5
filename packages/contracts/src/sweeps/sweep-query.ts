import { z } from "zod";
import { pageQuery } from "../basics/paging.js";
import { sweepStatus } from "./sweep.js";

export const sweepListQuery = z.strictObject({
  status: sweepStatus.optional(),
  /** Part of a name, in upper or lower case. */
  name: z.string().optional(),
  tag: z.string().optional(),
  /** `true`: those that were put aside, instead of the others. */
  archived: z.enum(["true", "false"]).default("false"),
  ...pageQuery,
});

/** The preset that a sweep's document was taken from; recorded with the sweep. */
export const createSweepQuery = z.strictObject({ preset: z.string().min(1).max(200).optional() });
