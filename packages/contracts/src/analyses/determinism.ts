import { z } from "zod";
import { wireNumber } from "../basics/numbers.js";
import { id } from "../basics/primitives.js";
import { contradiction } from "../runs/contradictions.js";
import { envelope, interval, number } from "./envelope.js";
import { group, verdict } from "./parts.js";

/** All runs of one arm at one configuration and seed, with their metric at the selected epoch. */
export const armValues = z.strictObject({
  arm: z.string(),
  n: z.int(),
  values: z.array(wireNumber),
  runIds: z.array(id),
  /** Those of them that diverged: their values stand as they were reported. */
  diverged: z.array(id),
  mean: number,
  /** With n − 1 in the denominator; null below two runs. */
  sd: number,
  min: number,
  max: number,
  distinctValues: z.int(),
  distinctDigests: z.int(),
  /** Quartiles (type 7), and whiskers at the furthest values within 1.5 interquartile ranges; null below five values. */
  box: z
    .strictObject({
      low: z.number(),
      q1: z.number(),
      median: z.number(),
      q3: z.number(),
      high: z.number(),
    })
    .nullable(),
  /** Gaussian kernel density with Silverman's bandwidth, for a violin; null below fifty values or without a spread. */
  density: z
    .strictObject({ bandwidth: z.number(), at: z.array(z.number()), density: z.array(z.number()) })
    .nullable(),
});
export type ArmValues = z.infer<typeof armValues>;

/** Tables II and III: per configuration and seed, the deterministic value beside the free repeats. */
export const determinismRow = z.strictObject({
  group,
  deterministic: armValues.nullable(),
  /** Whether all deterministic repeats ended with one digest; null with fewer than two, and where their records contradict it. */
  identical: z.boolean().nullable(),
  others: z.array(
    armValues.extend({
      /** (det − mean) / mean × 100, Table II. */
      deltaPercent: number,
      /** max − min of the repeats: D of Table II as printed. */
      range: number,
      /** max |det − run|: D as the text of the paper describes it. */
      maxAbsDifference: number,
      /** 95 % prediction interval of a new repeat, computed wider: see the significance analysis. */
      predictionInterval: interval,
    }),
  ),
});
export type DeterminismRow = z.infer<typeof determinismRow>;

export const determinismAnalysis = z
  .strictObject({
    analysis: z.literal("determinism"),
    ...envelope,
    /** The study in one sentence: do bits repeat, and how far do other executions move the metric? */
    headline: verdict,
    /** What the records of the runs say that cannot all be so, gravest first. */
    contradictions: z.array(contradiction),
    rows: z.array(determinismRow),
  })
  .meta({ id: "DeterminismAnalysis" });
export type DeterminismAnalysis = z.infer<typeof determinismAnalysis>;
