import { z } from "zod";
import { id } from "../basics/primitives.js";
import { envelope, number } from "./envelope.js";
import { group } from "./parts.js";

/** Figures 2 and 3: how alike the last layers of repeats are, epoch by epoch; never across seeds. */
export const similarityGroup = z.strictObject({
  group,
  arm: z.string(),
  runIds: z.array(id),
  epochs: z.array(z.int()),
  /** Runs compared at each epoch. */
  n: z.array(z.int()),
  mean: z.array(number),
  min: z.array(number),
  /** Mean and largest distance over pairs, relative to the length of the vectors: it grows from 0 where a cosine still rounds to 1. */
  distance: z.array(number),
  maxDistance: z.array(number),
  /** Linear CKA of the scores that the runs give to the same test cases (cases × classes). */
  outputs: z
    .strictObject({ runs: z.int(), cases: z.int(), classes: z.int(), meanCka: number, minCka: number })
    .nullable(),
  /** Activations of the same test cases just before the last layer (cases × width), where runs were asked to report them. */
  probe: z
    .strictObject({
      cases: z.int(),
      /** Activations of each case. */
      width: z.int(),
      epochs: z.array(z.int()),
      n: z.array(z.int()),
      meanCosine: z.array(number),
      minCosine: z.array(number),
      meanCka: z.array(number),
      minCka: z.array(number),
    })
    .nullable(),
});
export type SimilarityGroup = z.infer<typeof similarityGroup>;
export const similarityAnalysis = z
  .strictObject({ analysis: z.literal("similarity"), ...envelope, groups: z.array(similarityGroup) })
  .meta({ id: "SimilarityAnalysis" });
export type SimilarityAnalysis = z.infer<typeof similarityAnalysis>;
