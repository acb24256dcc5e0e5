import type { Parameters } from "@reprise/contracts";
import type { BackendName } from "../backends/backend-names.js";
import type { ClassificationWork } from "../classification/prepare.js";

/** What the compute threads of a run get, by task: plain data and shared memory. */
export type Work = ClassificationWork;

/** A checked run, ready to be started. */
export interface PreparedRun {
  /** The effective configuration, for the record. */
  effectiveParameters: Parameters;
  disclosures: string[];
  configurationDigest: string;
  backend: BackendName;
  threads: number;
  work: Work;
}
