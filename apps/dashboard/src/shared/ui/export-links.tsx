import type { AnalysisName, ExportFormat, RunsExport } from "@reprise/contracts";
import { analysisPath } from "../api/analysis-queries.js";
import { apiRoot } from "../api/client.js";
import classes from "./export-links.module.css";

/** As what tables leave. */
export const exportFormats: { format: ExportFormat; label: string }[] = [
  { format: "csv", label: "CSV" },
  { format: "latex", label: "LaTeX" },
  { format: "markdown", label: "Markdown" },
];

/** Where the server makes the file. */
export function exportHref(
  sweepId: string,
  name: AnalysisName,
  metric: string | undefined,
  format: ExportFormat,
  table?: "confusions",
): string {
  const path = apiRoot + analysisPath(sweepId, name, metric);
  return `${path}${path.includes("?") ? "&" : "?"}format=${format}${table ? `&table=${table}` : ""}`;
}

/** Where the server makes a file of a study's runs. */
export const runsExportHref = (sweepId: string, format: RunsExport): string =>
  `${apiRoot}/sweeps/${sweepId}/runs.export?format=${format}`;

/** The table behind an analysis as a file, made by the server at full precision. */
export function ExportLinks({
  sweepId,
  name,
  metric,
  table,
  title,
  label = "Table",
}: {
  sweepId: string;
  name: AnalysisName;
  metric?: string;
  /** A table of the analysis that comes only when it is asked for. */
  table?: "confusions";
  /** What is exported, for those who only hear the link. */
  title: string;
  label?: string;
}) {
  return (
    <span className={classes.links}>
      {label}
      {exportFormats.map(({ format, label }) => (
        <a
          key={format}
          href={exportHref(sweepId, name, metric, format, table)}
          download
          aria-label={`${title} as ${label}`}
        >
          {label}
        </a>
      ))}
    </span>
  );
}
