import { z } from "zod";
import { listedConfiguration } from "../protocol/given-parameters.js";
import { metricDeclarations } from "../protocol/metric-info.js";
import { firstLook, maxSequentialSeeds, settleable } from "./sequential-design.js";

export const sweepPatch = z.strictObject({
  name: z.string().trim().min(1).max(120).optional(),
  tags: z.array(z.string().min(1).max(64)).max(50).optional(),
  notes: z.string().max(20_000).optional(),
  priority: z.int().min(-1000).max(1000).optional(),
  /** Puts a study that has ended aside, or brings it back. */
  archived: z.boolean().optional(),
  /** Replaces all that was declared of metrics afterwards; what the document of the study declares stays. */
  metrics: metricDeclarations.optional(),
});
export type SweepPatch = z.infer<typeof sweepPatch>;

/** What `extend` adds to a sweep: seeds, further repeats per arm, configurations. */
export const sweepExtension = z
  .strictObject({
    seeds: z.array(z.int().min(0).max(Number.MAX_SAFE_INTEGER)).max(10_000).default([]),
    /** Arm name → repeats on top of those it has. */
    repeats: z.record(z.string(), z.int().min(1).max(10_000)).default({}),
    configurations: z.array(listedConfiguration).default([]),
    /**
     * Seeds are added block by block until the planned question is settled, by anytime-valid bounds: of a fixed study, which
     * becomes a sequential one, or up to a larger maximum of one that has such bounds already.
     */
    sequential: z
      .strictObject({
        maxSeeds: z.int().min(firstLook).max(maxSequentialSeeds),
        settle: z.array(settleable).min(1).max(2).optional(),
      })
      .optional(),
  })
  .refine(
    (e) => e.sequential || e.seeds.length + Object.keys(e.repeats).length + e.configurations.length > 0,
    {
      error: "name seeds, repeats or configurations to add, or sequential",
    },
  )
  .refine(
    (e) => !e.sequential || e.seeds.length + Object.keys(e.repeats).length + e.configurations.length === 0,
    {
      error: "a study goes on sequentially as it is: add nothing else with it",
    },
  )
  .meta({ id: "SweepExtension" });
export type SweepExtension = z.infer<typeof sweepExtension>;
