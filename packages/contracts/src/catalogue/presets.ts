import { z } from "zod";

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
});
export type Preset = z.infer<typeof preset>;

export const presetList = z.strictObject({ items: z.array(preset) });
