import { z } from "zod";
import { envelope, number } from "./envelope.js";

const side = z.strictObject({ configurationLabel: z.string(), arm: z.string(), mean: number });

/** Two configurations or arms compared for other trainings and other patients: their runs are the readers. */
export const readersRow = z.strictObject({
  contrast: z.enum(["mode", "configuration"]),
  a: side,
  b: side,
  /** What a reader is: a seed (its repeats averaged), or a repeat of the only seed. */
  reader: z.enum(["seed", "repeat"]),
  readers: z.int(),
  /** Paired: the same seeds on both sides. */
  design: z.enum(["factorial", "nested"]),
  metric: z.enum(["auc", "sensitivity", "specificity", "accuracy"]),
  difference: number,
  low: number,
  high: number,
  df: number,
  p: number,
  adjustedP: number,
  /** The same difference of areas without a model (Gallas 2006); null of other figures, of nested designs and where cases share patients. */
  oneShot: z.strictObject({ standardError: number, low: number, high: number }).nullable(),
  cases: z.int(),
  clusters: z.int().nullable(),
  reason: z.string().nullable(),
});
export type ReadersRow = z.infer<typeof readersRow>;
export const readersAnalysis = z
  .strictObject({ analysis: z.literal("readers"), ...envelope, rows: z.array(readersRow) })
  .meta({ id: "ReadersAnalysis" });
export type ReadersAnalysis = z.infer<typeof readersAnalysis>;
