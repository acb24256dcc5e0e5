import type { Parameters } from "@reprise/contracts";
import type { Compute } from "../arithmetic/backends/start-engine.js";
import type { DataFolders, Report } from "../data/datasets/dataset.js";
import type { Pictures } from "../data/thumbnails.js";

/** What a run finds around it. */
export type RunSetting = {
  folders: DataFolders;
  /** Told how far reading the data is. */
  report: Report;
  /** Gets sentences about what went wrong without stopping anything. */
  warn: (message: string) => void;
};

/** A checked run, ready to be started. `Work` is what its task's compute threads get: plain data and shared memory. */
export type PreparedRun<Work> = {
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
