import type { Execution, Parameters } from "@reprise/contracts";
import type { BackendName } from "../backends/backend-names.js";
import type { ClassificationWork } from "../classification/prepare.js";
import type { ContrastiveWork } from "../contrastive/prepare.js";
import type { DataFolders, Report } from "../datasets/dataset.js";
import type { EvaluationWork } from "../evaluation/prepare.js";
import type { Pictures } from "../thumbnails.js";

/** What a run finds around it. */
export type RunSetting = {
  folders: DataFolders;
  /** Told how far reading the data is. */
  report: Report;
  /** Gets sentences about what went wrong without stopping anything. */
  warn: (message: string) => void;
};

/** What the compute threads of a run get, by task: plain data and shared memory. */
export type Work = ClassificationWork | ContrastiveWork | EvaluationWork;

/** What a compute thread starts. */
export type Compute = {
  backend: BackendName;
  algorithms: Execution["algorithms"];
};

/** A checked run, ready to be started. */
export type PreparedRun = {
  /** The effective configuration, for the record. */
  effectiveParameters: Parameters;
  disclosures: string[];
  configurationDigest: string;
  compute: Compute;
  threads: number;
  work: Work;
  /** Pictures of the evaluated cases; none for tables. */
  pictures: Pictures[];
};
