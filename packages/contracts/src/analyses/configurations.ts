import { z } from "zod";
import { comparisonResult } from "./comparisons.js";
import { envelope } from "./envelope.js";

/** Every configuration of a study against the one that it lists first: the contrast "configuration" of a plan. */
export const configurationsAnalysis = z
  .strictObject({
    analysis: z.literal("configurations"),
    ...envelope,
    /** The arm whose runs are compared; empty when there is none. */
    arm: z.string(),
    /** Label of the configuration that all others are compared with; empty when there is none. */
    baseline: z.string(),
    comparisons: z.array(comparisonResult),
    alpha: z.number(),
  })
  .meta({ id: "ConfigurationsAnalysis" });
export type ConfigurationsAnalysis = z.infer<typeof configurationsAnalysis>;
