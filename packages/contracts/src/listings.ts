import { z } from "zod";
import { id, instant } from "./basics/primitives.js";
import { predictions, preset, runError, stripRun, worker } from "./entities.js";
import { datasetInfo } from "./protocol/capabilities.js";
import { listedConfiguration } from "./sweeps/sweep-spec.js";

/** Listings that come whole: there are never many of these. */
export const stripList = z.strictObject({ items: z.array(stripRun) });
/** Failed runs of one cause: messages that differ in numbers only are one cause, told by the latest of them. */
export const failureGroup = runError.extend({
  count: z.int(),
  lastAt: instant.nullable(),
  /** The first few of them. */
  runIds: z.array(id),
});
export type FailureGroup = z.infer<typeof failureGroup>;
export const failureList = z.strictObject({ items: z.array(failureGroup) });
export const workerList = z.strictObject({ items: z.array(worker) });
export const predictionsList = z.strictObject({ items: z.array(predictions) });
export const presetList = z.strictObject({ items: z.array(preset) });

export const datasetList = z.strictObject({ items: z.array(datasetInfo) });
export const statisticsList = z.strictObject({ items: z.array(z.string()) });
/** `input` and `options` as each test defines them; non-finite numbers as strings. */
export const statisticsRequest = z.strictObject({
  input: z.record(z.string(), z.unknown()),
  options: z.record(z.string(), z.unknown()).default({}),
});

/** What `extend` adds to a sweep: seeds, further repeats per arm, configurations. */
export const sweepExtension = z
  .strictObject({
    seeds: z.array(z.int().min(0).max(Number.MAX_SAFE_INTEGER)).max(10_000).default([]),
    /** Arm name → repeats on top of those it has. */
    repeats: z.record(z.string(), z.int().min(1).max(10_000)).default({}),
    configurations: z.array(listedConfiguration).default([]),
  })
  .refine((e) => e.seeds.length + Object.keys(e.repeats).length + e.configurations.length > 0, {
    error: "name seeds, repeats or configurations to add",
  })
  .meta({ id: "SweepExtension" });
export type SweepExtension = z.infer<typeof sweepExtension>;

/** The preset that a sweep's document was taken from; recorded with the sweep. */
export const createSweepQuery = z.strictObject({ preset: z.string().min(1).max(200).optional() });
