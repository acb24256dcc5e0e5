import { type AnalysisName, analysisNames } from "@reprise/contracts";

export const analysisNamed = (name: string): AnalysisName | undefined =>
  analysisNames.find((known) => known === name);
