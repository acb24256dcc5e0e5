import { z } from "zod";
import { wireNumber } from "../basics/numbers.js";
import { number } from "./envelope.js";

export const zeroShotRates = ["accuracy", "sensitivity", "specificity", "auc"] as const;
export type ZeroShotRate = (typeof zeroShotRates)[number];

/** One rate of one configuration and arm on one evaluation set, over all its seeds and executions; fractions. */
export const zeroShotFigure = z.strictObject({
  question: z.string(),
  rate: z.enum(zeroShotRates),
  mean: number,
  /** Between runs, seeds included, with n − 1 in the denominator; null below two runs. */
  sd: number,
  /** One per run. */
  values: z.array(wireNumber),
  /** 95 %: a t interval over the means of seeds; with one seed the Wilson interval over the first run's test cases. */
  interval: z.strictObject({ low: number, high: number, over: z.enum(["seeds", "cases"]) }).nullable(),
  /** The figure that a published table prints for an experiment and an evaluation set of these names. */
  published: z.strictObject({ value: z.number(), printed: z.string(), table: z.string() }).nullable(),
});
export type ZeroShotFigure = z.infer<typeof zeroShotFigure>;

export const zeroShotConfiguration = z.strictObject({
  configurationKey: z.string(),
  configurationLabel: z.string(),
  /** The set of experiments that a published study puts this one into; null for those that no published table has. */
  set: z.string().nullable(),
  arm: z.string(),
  runs: z.int(),
  seeds: z.int(),
  figures: z.array(zeroShotFigure),
});
export type ZeroShotConfiguration = z.infer<typeof zeroShotConfiguration>;

/** Tables 7 to 10 and Figure 4 of the CLIP hyperparameter study, for any contrastive study. */
export const zeroShotSummary = z.strictObject({
  questions: z.array(
    z.strictObject({
      question: z.string(),
      classes: z.array(z.string()),
      positiveClass: z.string().nullable(),
      cases: z.int(),
      /** Accuracy of the better of two guesses: always the most frequent class, or evenly. */
      chance: z.number(),
    }),
  ),
  configurations: z.array(zeroShotConfiguration),
  /** Why no effect of a hyperparameter can be claimed; null where configurations were trained more than once. */
  noEffect: z.string().nullable(),
  /** Published study that some figures stand beside; null when no label and evaluation set is in one. */
  reference: z
    .strictObject({
      name: z.string(),
      title: z.string(),
      /** What is known of the published quantities that stand beside figures. */
      quantities: z.array(z.string()),
    })
    .nullable(),
});
export type ZeroShotSummary = z.infer<typeof zeroShotSummary>;
