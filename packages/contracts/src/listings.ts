import { z } from "zod";
import { datasetInfo } from "./capabilities.js";
import { preset, stripRun, worker } from "./entities.js";

/** Listings that come whole: there are never many of these. */
export const stripList = z.strictObject({ items: z.array(stripRun) });
export const workerList = z.strictObject({ items: z.array(worker) });
export const presetList = z.strictObject({ items: z.array(preset) });

/** A data set with the trainers that offer it. */
export const offeredDataset = datasetInfo.extend({ trainers: z.array(z.string()) });
export type OfferedDataset = z.infer<typeof offeredDataset>;
export const datasetList = z.strictObject({ items: z.array(offeredDataset) });

export const statisticsList = z.strictObject({ items: z.array(z.string()) });
/** `input` and `options` as each test defines them; non-finite numbers as strings. */
export const statisticsRequest = z.strictObject({
  input: z.record(z.string(), z.unknown()),
  options: z.record(z.string(), z.unknown()).default({}),
});
