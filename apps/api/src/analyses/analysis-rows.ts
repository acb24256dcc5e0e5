import type { AnalysisAnswers, AnalysisName } from "@reprise/contracts";
import * as study from "@reprise/study";
import type { Need, ReadInput } from "./readings.js";

/** How an analysis is made: what it reads beside the runs of its study, and the function from all of it to its answer. */
type Row<Name extends AnalysisName> = {
  needs: readonly Need[];
  compute: (input: ReadInput) => AnalysisAnswers[Name];
};

/** Name → row. The schemas of the answers, and what is done with them, stand in the table of contracts. */
export const analysisRows: { [Name in AnalysisName]: Row<Name> } = {
  determinism: { needs: ["evidence"], compute: study.determinismAnalysis },
  significance: { needs: ["predictions"], compute: study.significanceAnalysis },
  configurations: { needs: [], compute: study.configurationsAnalysis },
  sequential: { needs: [], compute: study.sequentialAnalysis },
  classification: { needs: ["questions"], compute: study.classificationAnalysis },
  roc: { needs: ["predictions"], compute: study.rocAnalysis },
  readers: { needs: ["predictions"], compute: study.readersAnalysis },
  calibration: { needs: ["predictions"], compute: study.calibrationAnalysis },
  decisionCurve: { needs: ["predictions"], compute: study.decisionCurveAnalysis },
  subgroups: { needs: ["predictions"], compute: study.subgroupsAnalysis },
  instability: { needs: ["predictions"], compute: study.instabilityAnalysis },
  curves: { needs: ["series", "ladders"], compute: study.curvesAnalysis },
  extremes: { needs: [], compute: study.extremesAnalysis },
  runtime: { needs: [], compute: study.runtimeAnalysis },
  energy: { needs: ["allRuns"], compute: study.energyAnalysis },
  similarity: { needs: ["embeddings", "probes", "predictions"], compute: study.similarityAnalysis },
  agreement: { needs: ["predictions"], compute: study.agreementAnalysis },
  variance: { needs: [], compute: study.varianceAnalysis },
  importance: { needs: [], compute: study.importanceAnalysis },
};
