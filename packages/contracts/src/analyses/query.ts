import { z } from "zod";
import { metricName } from "../basics/metric-key.js";

export const exportFormats = ["json", "csv", "latex", "markdown"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Of tables to be read: the columns that fit a page, or all of them. */
export const tableLengths = ["short", "full"] as const;
export type TableLength = (typeof tableLengths)[number];

export const analysisQuery = z.strictObject({
  metric: metricName.optional(),
  format: z.enum(exportFormats).default("json"),
  /**
   * Of files: `summary` is the table over seeds, where an analysis has one; reading formats have both by default.
   * `confusions` is which classes are taken for which, in `classification` of more than two classes.
   */
  table: z.enum(["all", "detail", "summary", "confusions"]).default("all"),
  /** Of LaTeX and Markdown: the columns that fit a page, or all of them. CSV always has all. */
  length: z.enum(tableLengths).default("short"),
  /** `decisionCurve` only: the prevalence of predictive values, in place of the planned one. */
  prevalence: z.coerce.number().gt(0).lt(1).optional(),
  /** `agreement` only: McNemar's test of every pair of runs. */
  mcnemar: z.enum(["true", "false"]).default("false"),
});
