import { z } from "zod";
import { id, instant } from "../basics/primitives.js";
import { runError } from "../runs/run-states.js";

/** Failed runs of one cause: messages that differ in numbers only are one cause, told by the latest of them. */
export const failureGroup = runError.extend({
  count: z.int(),
  lastAt: instant.nullable(),
  /** The first few of them. */
  runIds: z.array(id),
});
export type FailureGroup = z.infer<typeof failureGroup>;

export const failureList = z.strictObject({ items: z.array(failureGroup) });
