import { z } from "zod";
import { fieldError } from "../basics/problem.js";
import { mode } from "../protocol/execution.js";
import { parameters } from "../protocol/run-request.js";

/**
 * Whose former runs an estimate rests on: those of these very configurations, or, where there are none, those of the same
 * trainer, data set and model, in proportion to their epochs.
 */
export const likenesses = ["configuration", "model"] as const;

/** The smallest difference that a planned test would usually find. */
export const detectable = z.strictObject({
  /**
   * A shift of deterministic runs against another arm (`mode`), a difference of two configurations over seeds (`configuration`), or
   * an SD between seeds, in SDs between repeats (`seed`).
   */
  contrast: z.enum(["mode", "configuration", "seed"]),
  metric: z.string(),
  arm: z.string(),
  repeats: z.int(),
  /** Seeds that are pooled; 1 for the test at one configuration and seed. */
  seeds: z.int(),
  power: z.number(),
  alpha: z.number(),
  /** In standard deviations between repeats; of `configuration` in those of differences at one seed. */
  shiftInSd: z.number(),
  /** That SD, pooled over former runs, in the metric's unit; null when there are none. */
  sd: z.number().nullable(),
  sdRuns: z.int(),
  sdLikeness: z.enum(likenesses).nullable(),
  /** shiftInSd × sd; null without an sd. */
  shift: z.number().nullable(),
});
export type Detectable = z.infer<typeof detectable>;

/** What a planned sweep will cost and could show, from former runs; null where no former run is like it. */
export const planEstimates = z.strictObject({
  formerRuns: z.int(),
  likeness: z.enum(likenesses).nullable(),
  kWh: z.number().nullable(),
  gCO2e: z.number().nullable(),
  /** Runs that train at the same time on the workers of now; 0 without a worker for them. */
  slots: z.int(),
  workers: z.array(z.string()),
  /** Runs queued or running before these. */
  runsAhead: z.int(),
  detectable: z.array(detectable),
});
export type PlanEstimates = z.infer<typeof planEstimates>;

/** The first runs of a planned sweep, what it will cost, and what stands in its way. */
export const sweepPreview = z
  .strictObject({
    runCount: z.int(),
    configurations: z.array(
      z.strictObject({
        key: z.string(),
        label: z.string(),
        params: parameters,
        /** Key of the first configuration that trains with the same values, by the trainer's defaults; null for the first itself. */
        sameInEffectAs: z.string().nullable(),
      }),
    ),
    arms: z.array(z.strictObject({ name: z.string(), repeats: z.int(), mode })),
    seeds: z.array(z.int()),
    firstRuns: z.array(
      z.strictObject({
        key: z.string(),
        configurationLabel: z.string(),
        seed: z.int(),
        arm: z.string(),
        repeat: z.int(),
      }),
    ),
    /** Wall time on the workers of now, from former runs; null when none is like it or no worker is there. */
    estimatedMs: z.number().nullable(),
    /** Null for a spec that is too large to plan. */
    estimates: planEstimates.nullable(),
    warnings: z.array(z.string()),
    errors: z.array(fieldError),
  })
  .meta({ id: "SweepPreview" });
export type SweepPreview = z.infer<typeof sweepPreview>;

/** All mistakes of a document; none for one that could be launched. */
export const sweepCheck = z.strictObject({ errors: z.array(fieldError) }).meta({ id: "SweepCheck" });
