import { z } from "zod";
import { predictionAgreement } from "../classification/agreement.js";
import { delong } from "../classification/auc.js";
import { confusionMetrics } from "../classification/confusion-metrics.js";
import { mcnemar, PROPORTION_METHODS, proportionInterval } from "../classification/proportions.js";
import { clusteredAuc } from "../patients/clustered-auc.js";
import { clusteredMcNemar } from "../patients/clustered-mcnemar.js";
import { clusteredProportion } from "../patients/clustered-proportions.js";
import { accuracyConsistency } from "../reported/audit-arithmetic.js";
import { defineTest } from "./define.js";
import { confidence, count, keysOf, numbers, real } from "./fields.js";

const names = z.array(z.union([z.number(), z.string()]));
const label = z.union([z.number(), z.string(), z.boolean()]);

export const classificationTests = {
  proportion_ci: defineTest({
    title: "Interval of a proportion",
    input: z.object({ k: count, n: count }),
    options: z.object({ method: z.enum(keysOf(PROPORTION_METHODS)).optional(), confidence }),
    compute: ({ k, n }, options) => ({ ...proportionInterval(k, n, options) }),
  }),
  confusion_metrics: defineTest({
    title: "Rates of a binary confusion table",
    input: z.object({ tp: count, fp: count, fn: count, tn: count }),
    options: z.object({}),
    compute: (counts) => ({ ...confusionMetrics(counts) }),
  }),
  accuracy_consistency: defineTest({
    title: "Do printed accuracy, sensitivity and specificity fit together?",
    input: z.object({ accuracyPct: real, sensitivity: real, specificity: real }),
    options: z.object({ prevalence: z.number().optional(), tolerancePct: z.number().optional() }),
    compute: (printed, options) => ({ ...accuracyConsistency(printed, options) }),
  }),
  mcnemar: defineTest({
    title: "McNemar's test of two models on the same cases",
    input: z.object({ table: z.tuple([z.tuple([count, count]), z.tuple([count, count])]) }),
    options: z.object({}),
    compute: ({ table }) => ({ ...mcnemar(table) }),
  }),
  auc_delong: defineTest({
    title: "Areas under ROC curves with DeLong's variance",
    input: z.object({ labels: numbers, scoresA: numbers, scoresB: numbers.optional() }),
    options: z.object({ confidence, positiveClass: z.number().optional() }),
    compute: ({ labels, scoresA, scoresB }, { positiveClass, ...options }) => {
      const coded =
        positiveClass === undefined ? labels : labels.map((value) => (value === positiveClass ? 1 : 0));
      return { ...delong(coded, scoresA, scoresB, options) };
    },
  }),
  clustered_proportion: defineTest({
    title: "Interval of a proportion whose cases come in clusters (patients)",
    input: z.object({ values: numbers, clusters: names }),
    options: z.object({ confidence }),
    compute: ({ values, clusters }, options) => ({ ...clusteredProportion(values, clusters, options) }),
  }),
  clustered_auc: defineTest({
    title: "Areas under ROC curves whose cases come in clusters (patients)",
    input: z.object({ labels: numbers, scoresA: numbers, clusters: names, scoresB: numbers.optional() }),
    options: z.object({ confidence }),
    compute: ({ labels, scoresA, clusters, scoresB }, options) => ({
      ...clusteredAuc(labels, scoresA, clusters, scoresB, options),
    }),
  }),
  clustered_mcnemar: defineTest({
    title: "Two models on the same cases, which come in clusters (patients)",
    input: z.object({ rightA: numbers, rightB: numbers, clusters: names }),
    options: z.object({ confidence }),
    compute: ({ rightA, rightB, clusters }, options) => ({
      ...clusteredMcNemar(rightA, rightB, clusters, options),
    }),
  }),
  prediction_agreement: defineTest({
    title: "Agreement of runs case by case",
    input: z.object({ predictions: z.array(z.array(label)) }),
    options: z.object({}),
    compute: ({ predictions }) => ({ ...predictionAgreement(predictions) }),
  }),
};
