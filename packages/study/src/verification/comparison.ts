import type {
  AnalysisPlan,
  Environment,
  LadderRung,
  MetricInfo,
  Run,
  RunEvidence,
  VerificationKind,
} from "@reprise/contracts";
import type { DivergenceEvidence } from "./locate-divergence.js";

/** A run with what it recorded on its way. */
export type ReplicaSide = {
  run: Run;
  rungs: readonly LadderRung[];
  environment: Environment["values"];
};

export type ReplicaComparison = {
  kind: VerificationKind;
  source: ReplicaSide;
  replica: ReplicaSide;
  /** The plan of the source's study; its margin on the primary metric is the tolerance. */
  plan: AnalysisPlan | null;
  /** Study runs of the same sweep: the repeats of the source are found among them. */
  runs: readonly Run[];
  /** What is stored of single tensors and of weights at the first divergence, for locating it. */
  evidence?: DivergenceEvidence;
  /** What both records say of data, weights and predictions, by run id, to find where they contradict each other. */
  records?: ReadonlyMap<string, RunEvidence>;
  /** Metrics as the trainer announced them, for names and units. */
  metrics?: readonly MetricInfo[];
};
