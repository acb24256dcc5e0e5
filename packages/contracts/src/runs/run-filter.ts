import { z } from "zod";
import { sameName } from "../basics/metric-key.js";
import { id } from "../basics/primitives.js";
import { mode } from "../protocol/execution.js";
import { filterableAttributes, runFlag } from "./run-attributes.js";
import { runPurposes, runStatus } from "./run-states.js";

/** A value of a run: a metric at its selected epoch, a hyperparameter, or an attribute of the run itself. */
export type RunField = { kind: "metric" | "param" | "attribute"; name: string };

/** "metrics.testAuc", "params.optimizer" or the name of an attribute. */
export function runField(text: string): RunField {
  const [, prefix, name] = /^(metrics|params)\.(.+)$/s.exec(text) ?? [];
  if (prefix === undefined || name === undefined) return { kind: "attribute", name: text };
  return prefix === "metrics" ? { kind: "metric", name: sameName(name) } : { kind: "param", name };
}

export const filterOperators = ["=", "!=", "<", "<=", ">", ">=", "like"] as const;
export type FilterOperator = (typeof filterOperators)[number];
/** Conditions on what there is of a value: a missing one is null, and NaN is a value. */
export const stateOperators = ["is nan", "is not nan", "is null", "is not null"] as const;
export type StateOperator = (typeof stateOperators)[number];

export type FilterClause =
  | { field: RunField; op: FilterOperator; value: string | number | boolean }
  | { field: RunField; op: StateOperator };

/** Clauses that all must hold. */
export type RunFilter = { all: FilterClause[] };

/** Which runs a list is about. */
export const runSelection = z.strictObject({
  sweepId: id.optional(),
  status: runStatus.optional(),
  mode: mode.optional(),
  arm: z.string().optional(),
  purpose: z.enum([...runPurposes, "all"]).default("study"),
  filter: z
    .string()
    .max(2000)
    .describe(
      `As in MLflow: \`metrics.validationAccuracy > 0.9 and params.optimizer = 'adam'\`; also \`${runFlag.options.join(", ")} = true\`, \`metrics.x is nan\`, \`params.y is not null\`. Numbers, true and false stand without quotes and are not text. Names with dots, spaces or other signs stand in backticks. Attributes: ${filterableAttributes.join(", ")}.`,
    )
    .optional(),
});
