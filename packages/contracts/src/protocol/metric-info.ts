import { z } from "zod";
import { metricKey } from "../basics/metric-key.js";
import { direction } from "./decision.js";
import { task } from "./execution.js";

export const metricSplits = ["train", "validation", "test"] as const;
export type MetricSplit = (typeof metricSplits)[number];

/** Between which values a metric lies; null where nothing limits it. */
export const metricRange = z
  .strictObject({ low: z.number().nullable().default(null), high: z.number().nullable().default(null) })
  .refine(({ low, high }) => low === null || high === null || low < high, {
    error: "low must be below high",
  });
export type MetricRange = z.output<typeof metricRange>;

/**
 * A metric a trainer reports. A metric without direction has no best value. What a trainer leaves out is guessed from the name;
 * see `metricFacts`.
 */
export const metricInfo = z.strictObject({
  key: z.string(),
  label: z.string(),
  direction: direction.nullable(),
  /** `fraction` is shown in percent, `percent` with its values as they are; `nats`, `seconds`, … stand behind the value. */
  unit: z.string(),
  split: z.enum(metricSplits).nullable(),
  range: metricRange.optional(),
  /** What guessing reaches on any data; null where that depends on the data, or has no meaning. */
  chance: z
    .union([z.number(), z.literal("1/classes")])
    .nullable()
    .optional(),
  /** Whether it is a loss: the mean of a penalty, without steps, which says how runs differ where rates are equal. */
  loss: z.boolean().optional(),
  /** The part whose cases chose the epoch of its value, such as the best on the test set; null: none did. */
  chosenOn: z.enum(metricSplits).nullable().optional(),
  /** Whether it exists only where one of two classes is declared positive. */
  binaryOnly: z.boolean().optional(),
  /** What it is a share of, whose number is the size of its steps: all cases, or those of one class; null: no share of cases. */
  counts: z.enum(["cases", "oneClass"]).nullable().optional(),
  /** Tasks that report it; any where none is named. */
  tasks: z.array(task).min(1).optional(),
});
export type MetricInfo = z.infer<typeof metricInfo>;

/** What a study says of a metric that its program reports. What it leaves out is guessed from the name. */
export const metricDeclaration = metricInfo
  .omit({ key: true, tasks: true })
  .extend({
    label: z.string().trim().min(1).max(120),
    /** Of a `percent` the range is 0 to 100, of a `fraction` 0 to 1, unless `range` says otherwise. */
    unit: z.string().trim().max(24),
  })
  .partial();
export type MetricDeclaration = z.output<typeof metricDeclaration>;

/** Metric → what is declared of it. */
export const metricDeclarations = z
  .record(metricKey, metricDeclaration)
  .refine((all) => Object.keys(all).length <= 500, { error: "declares more than 500 metrics" });
export type MetricDeclarations = z.output<typeof metricDeclarations>;

/**
 * How something of a metric is known: announced by the trainer, declared in the document of the study, declared for the
 * study afterwards, guessed from the name of the metric, or not at all.
 */
export const knownBy = z.enum(["trainer", "study", "afterwards", "guess", "unknown"]);
export type KnownBy = z.infer<typeof knownBy>;

/** What somebody has said of a metric: a trainer where no other is named. */
export type DeclaredMetric = Pick<MetricInfo, "key"> &
  Partial<MetricInfo> & { by?: Extract<KnownBy, "study" | "afterwards"> };

type DeclaringStudy = {
  spec: {
    metrics?: MetricDeclarations | undefined;
    objective?: { metric: string; direction: "maximize" | "minimize" } | undefined;
  };
  metrics?: MetricDeclarations | undefined;
};

/** What a study declares of its metrics: its objective and `metrics` of its document, and what was declared afterwards. */
export function metricsOfStudy({ spec, metrics = {} }: DeclaringStudy): DeclaredMetric[] {
  const { objective } = spec;
  const declared = (all: MetricDeclarations, by: "study" | "afterwards") =>
    Object.entries(all).map(([key, said]): DeclaredMetric => ({ key, by, ...said }));
  return [
    ...(objective ? [{ key: objective.metric, by: "study" as const, direction: objective.direction }] : []),
    ...declared(spec.metrics ?? {}, "study"),
    ...declared(metrics, "afterwards"),
  ];
}
