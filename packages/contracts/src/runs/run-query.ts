import { z } from "zod";
import { metricNames } from "../basics/metric-key.js";
import { pageQuery } from "../basics/paging.js";
import { runFlag, sortableAttributes } from "./run-attributes.js";
import { runSelection } from "./run-filter.js";

/** Ascending by an attribute of the run, descending with a minus; also `metrics.NAME` and `params.NAME`. */
export const runOrders = [...sortableAttributes, ...runFlag.options].flatMap((name) => [
  name,
  `-${name}` as const,
]);

/** A run may have thousands of metrics; a row of a list has so many unless others are asked for. */
export const shownByDefault = 50;

const runOrder = z.union([
  z.enum(runOrders),
  z.templateLiteral([z.enum(["metrics.", "-metrics.", "params.", "-params."]), z.string().min(1)]),
]);

export const runListQuery = runSelection.extend({
  orderBy: runOrder.default("position"),
  metrics: metricNames
    .describe(
      `Metrics that \`summary\` is to hold: names separated by commas or one to a parameter, \`all\`, or \`default\`: at most ${shownByDefault} of a run, the study's primary metric, its objective and what its trainer announces first. \`summaryCount\` says how many the run has.`,
    )
    .optional(),
  ...pageQuery,
});
export type RunListQuery = z.infer<typeof runListQuery>;
