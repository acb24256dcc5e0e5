import { z } from "zod";
import { agreementAnalysis } from "./agreement.js";
import { calibrationAnalysis } from "./calibration.js";
import { classificationAnalysis } from "./classification.js";
import { configurationsAnalysis } from "./configurations.js";
import { curvesAnalysis } from "./curves.js";
import { decisionCurveAnalysis } from "./decision-curve.js";
import { determinismAnalysis } from "./determinism.js";
import { energyAnalysis } from "./energy.js";
import { extremesAnalysis } from "./extremes.js";
import { importanceAnalysis } from "./importance.js";
import { instabilityAnalysis } from "./instability.js";
import { readersAnalysis } from "./readers.js";
import { rocAnalysis } from "./roc.js";
import { runtimeAnalysis } from "./runtime.js";
import { sequentialAnalysis } from "./sequential.js";
import { significanceAnalysis } from "./significance.js";
import { similarityAnalysis } from "./similarity.js";
import { subgroupsAnalysis } from "./subgroups.js";
import { varianceAnalysis } from "./variance.js";

/** What every part of Reprise must know of an analysis beside its answer. */
type AnalysisFlags = {
  /** What it is called in a list to choose from. */
  title: string;
  /** A report of the study shows it: `always`, or only `withRows`, where a study may have nothing for it to compare. */
  reported?: "always" | "withRows";
  /** Its place among the tables that the command line prints when a study has ended: those of the determinism paper first. */
  printed?: number;
  /** What the tables of published studies are called that can be laid beside it; absent where none can. */
  published?: string;
};

/** Every question that can be asked of a study, by name, in the order in which they are listed. */
export const analyses = {
  determinism: {
    answer: determinismAnalysis,
    title: "Deterministic beside free",
    reported: "always",
    // Tables II and III; extremes are I, runtime is IV, significance V, energy VI.
    printed: 2,
    published: "Tables II and III: deterministic beside free",
  },
  significance: {
    answer: significanceAnalysis,
    title: "Both tests",
    reported: "always",
    printed: 4,
    published: "Table V: significant configurations",
  },
  configurations: {
    answer: configurationsAnalysis,
    title: "Configurations compared",
    reported: "withRows",
    printed: 5,
  },
  sequential: {
    answer: sequentialAnalysis,
    title: "Settled look by look",
    reported: "withRows",
    printed: 8,
  },
  classification: {
    answer: classificationAnalysis,
    title: "Sensitivity and specificity",
    reported: "always",
    printed: 7,
    published: "Accuracy, sensitivity, specificity",
  },
  roc: { answer: rocAnalysis, title: "ROC curves" },
  readers: { answer: readersAnalysis, title: "Other trainings, other patients", reported: "withRows" },
  calibration: { answer: calibrationAnalysis, title: "Calibration", reported: "withRows" },
  decisionCurve: { answer: decisionCurveAnalysis, title: "Decision curves", reported: "withRows" },
  subgroups: { answer: subgroupsAnalysis, title: "Subgroups", reported: "withRows" },
  instability: { answer: instabilityAnalysis, title: "Instability case by case", reported: "withRows" },
  curves: { answer: curvesAnalysis, title: "Curves" },
  extremes: { answer: extremesAnalysis, title: "Best and worst runs", printed: 1 },
  runtime: { answer: runtimeAnalysis, title: "Wall time", printed: 3 },
  energy: { answer: energyAnalysis, title: "Energy and carbon", printed: 6 },
  similarity: { answer: similarityAnalysis, title: "Similarity of weights" },
  agreement: { answer: agreementAnalysis, title: "Agreement case by case" },
  variance: { answer: varianceAnalysis, title: "Spread by source" },
  importance: { answer: importanceAnalysis, title: "Effects of hyperparameters" },
} as const satisfies Record<string, AnalysisFlags & { answer: z.ZodType }>;

type Analyses = typeof analyses;
export type AnalysisName = keyof Analyses;
/** Name → what the analysis answers. */
export type AnalysisAnswers = { [Name in AnalysisName]: z.infer<Analyses[Name]["answer"]> };
export type Analysis = AnalysisAnswers[AnalysisName];

/** The rows as what they have in common, each with the answer of its own name. */
const rows: {
  [Name in AnalysisName]: AnalysisFlags & { answer: z.ZodType<AnalysisAnswers[Name] & { analysis: Name }> };
} = analyses;

const answers = Object.values(analyses).map(({ answer }) => answer);
export const analysisNames: readonly AnalysisName[] = answers.map(({ shape }) => shape.analysis.value);

/** What an analysis answers, whichever it is. The first is named because a union of none is refused. */
export const analysisSchema = z.discriminatedUnion("analysis", [
  analyses.determinism.answer,
  ...answers.slice(1),
]);

/** What the analysis of this name answers. */
export const answerSchema = <Name extends AnalysisName>(name: Name): z.ZodType<AnalysisAnswers[Name]> =>
  rows[name].answer;

/** Names of the analyses that have a flag. */
type Flagged<Flag extends keyof AnalysisFlags> = {
  [Name in AnalysisName]: Analyses[Name] extends Record<Flag, unknown> ? Name : never;
}[AnalysisName];

const flagged = <Flag extends keyof AnalysisFlags>(flag: Flag) =>
  analysisNames.filter((name): name is Flagged<Flag> => rows[name][flag] !== undefined);

export type ReportedAnalysis = AnalysisAnswers[Flagged<"reported">];
export type PublishedAnalysis = AnalysisAnswers[Flagged<"published">];

/** What a report shows, in this order. */
export const reportedAnalyses = flagged("reported");
/** What published tables can be laid beside. */
export const publishedAnalyses = flagged("published");
/** What the command line prints, in this order. */
export const printedAnalyses = flagged("printed").toSorted(
  (a, b) => analyses[a].printed - analyses[b].printed,
);

/** Whether a study's report shows this answer. */
export const isReported = (answer: Analysis): answer is ReportedAnalysis => {
  const { reported } = rows[answer.analysis];
  return reported === "always" || (reported === "withRows" && answer.table.rows.length > 0);
};
