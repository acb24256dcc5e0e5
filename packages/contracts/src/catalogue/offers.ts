import { z } from "zod";
import { datasetInfo, trainerCapabilities } from "../protocol/capabilities.js";

/** A trainer as at least one worker announces it. */
export const announcedTrainer = z.strictObject({
  capabilities: trainerCapabilities,
  workers: z.array(z.string()),
});
export type AnnouncedTrainer = z.infer<typeof announcedTrainer>;

export const trainerList = z.strictObject({ items: z.array(announcedTrainer) });

export const datasetList = z.strictObject({ items: z.array(datasetInfo) });
