import { z } from "zod";
import { deviceClass } from "../protocol/execution.js";

export const device = z.strictObject({
  kind: deviceClass,
  name: z.string(),
  index: z.int(),
  /** Hardware threads that a trainer may use; absent where that does not apply or is not known. */
  threads: z.int().optional(),
  memoryBytes: z.number().optional(),
});
export type Device = z.infer<typeof device>;
