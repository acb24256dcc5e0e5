import { z } from "zod";

/** One thing that a preset does otherwise than the published study that it is made after. */
export const presetDeviation = z.strictObject({
  what: z.string().min(1),
  /** What the paper, or its authors' code, does; or that it is not stated. */
  paper: z.string().min(1),
  here: z.string().min(1),
});
export type PresetDeviation = z.infer<typeof presetDeviation>;

/** A study that comes with Reprise: one sweep (`spec`), or several that belong together (`parts`). */
export const preset = z.strictObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  /** The sweep document; null where the preset is a study of several sweeps. */
  spec: z.unknown(),
  /** Names of the presets a study consists of, in their order; empty for a single sweep. */
  parts: z.array(z.string()),
  /** The part of which one fixed-order run is verified and one free run replayed in the end; null for none. */
  proof: z.string().nullable(),
  /** Of all parts together; verification and replay not counted. */
  runCount: z.int(),
  /** Where the published side of the deviations is known from; null where no published study is followed. */
  source: z.string().nullable(),
  /** Everything that is known to differ from the published study; empty where none is followed. */
  deviations: z.array(presetDeviation),
});
export type Preset = z.infer<typeof preset>;

export const presetList = z.strictObject({ items: z.array(preset) });
