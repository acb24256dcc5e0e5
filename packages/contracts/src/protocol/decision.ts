import { z } from "zod";
import { metricName } from "../basics/metric-key.js";

/** Which values of a metric are good. */
export const direction = z.enum(["maximize", "minimize"]);

/** What a search maximises or minimises. Never a metric of the test split (checked by `sweepSpec`). */
export const objective = z.strictObject({
  metric: metricName.min(1),
  direction,
});
export type Objective = z.infer<typeof objective>;

/** The score above which a case counts as positive; declared before, never chosen on the test split. */
export const threshold = z
  .strictObject({
    rule: z.enum(["fixed", "youdenOnValidation", "sensitivityOnValidation"]).default("fixed"),
    value: z.number().min(0).max(1).default(0.5),
  })
  .meta({
    description:
      "value is the threshold itself (fixed) or the sensitivity to reach (sensitivityOnValidation)",
  });
export type Threshold = z.infer<typeof threshold>;

/** The epoch at which test figures are reported. */
export const selection = z.strictObject({ epoch: z.enum(["last", "bestValidation"]).default("last") });
export type Selection = z.infer<typeof selection>;
