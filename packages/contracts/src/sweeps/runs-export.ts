import { z } from "zod";

/** Files in which the runs of a study leave with their settings and histories, for other programs. */
export const runsExports = {
  "csv-long": { label: "CSV, a row a point", suffix: "points.csv", type: "text/csv; charset=utf-8" },
  "csv-wide": { label: "CSV, a row a step", suffix: "steps.csv", type: "text/csv; charset=utf-8" },
  parquet: {
    label: "Parquet, a row a point",
    suffix: "points.parquet",
    type: "application/vnd.apache.parquet",
  },
  "wandb-jsonl": { label: "JSON lines for W&B", suffix: "runs.jsonl", type: "application/x-ndjson" },
  "mlflow-file": { label: "MLflow file store", suffix: "mlruns.zip", type: "application/zip" },
} as const;
export type RunsExport = keyof typeof runsExports;
export const runsExportNames = Object.keys(runsExports) as RunsExport[];
export const runsExport = z.enum(["csv-long", "csv-wide", "parquet", "wandb-jsonl", "mlflow-file"]);
