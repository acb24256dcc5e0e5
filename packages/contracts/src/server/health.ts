import { z } from "zod";
import { instant } from "../basics/primitives.js";

export const health = z.strictObject({
  status: z.enum(["ok", "unavailable"]),
  checks: z.record(z.string(), z.string()),
});

/** Work on what an earlier version wrote, done beside everything else after an upgrade. */
export const maintenanceTask = z.strictObject({
  /**
   * `series-by-step`: summaries of metrics that were reported in another order than that of their steps. `divergence`: where
   * values are NaN or infinite, and which runs diverged.
   */
  name: z.enum(["series-by-step", "divergence"]),
  /** Runs looked at so far, of so many, and runs of them whose figures were put right. */
  done: z.int(),
  total: z.int(),
  changed: z.int(),
  startedAt: instant.nullable(),
  /** Null until every run has been looked at. */
  finishedAt: instant.nullable(),
});
export type MaintenanceTask = z.infer<typeof maintenanceTask>;
export const maintenanceList = z.strictObject({ items: z.array(maintenanceTask) });
