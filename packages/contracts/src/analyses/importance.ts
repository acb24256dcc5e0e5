import { z } from "zod";
import { parameterValue } from "../protocol/run-request.js";
import { envelope, interval, number } from "./envelope.js";

/** Level against first level of one hyperparameter, everything else alike, paired on seed. */
export const hyperparameterEffect = z.strictObject({
  parameter: z.string(),
  level: parameterValue,
  baseline: parameterValue,
  /** Settings of the other hyperparameters at which both levels were run. */
  settings: z.int(),
  seeds: z.int(),
  difference: number,
  interval,
  df: number,
  p: number,
  adjustedP: number,
  reason: z.string().nullable(),
});
export type HyperparameterEffect = z.infer<typeof hyperparameterEffect>;
export const importanceAnalysis = z
  .strictObject({
    analysis: z.literal("importance"),
    ...envelope,
    arm: z.string(),
    effects: z.array(hyperparameterEffect),
    /** Share of each main effect in the variance between configurations; only over a full grid with several seeds. */
    shares: z
      .array(
        z.strictObject({
          parameter: z.string(),
          share: number,
          /** Smallest and largest share when computed seed by seed. */
          range: interval,
        }),
      )
      .nullable(),
    /** Why there are no shares; null when there are. */
    sharesReason: z.string().nullable(),
  })
  .meta({ id: "ImportanceAnalysis" });
export type ImportanceAnalysis = z.infer<typeof importanceAnalysis>;
