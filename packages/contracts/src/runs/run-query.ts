import { z } from "zod";
import { pageQuery } from "../basics/paging.js";
import { sortableAttributes } from "./run-attributes.js";
import { runSelection } from "./run-filter.js";

/** Ascending by an attribute of the run, descending with a minus; also `metrics.NAME` and `params.NAME`. */
export const runOrders = sortableAttributes.flatMap((name) => [name, `-${name}` as const]);

const runOrder = z.union([
  z.enum(runOrders),
  z.templateLiteral([z.enum(["metrics.", "-metrics.", "params.", "-params."]), z.string().min(1)]),
]);

export const runListQuery = runSelection.extend({
  orderBy: runOrder.default("position"),
  ...pageQuery,
});
export type RunListQuery = z.infer<typeof runListQuery>;
