import { z } from "zod";
import { calibration, calibrationCurve } from "../classification/calibration.js";
import { netBenefit, predictiveValues } from "../classification/clinical-use.js";
import { aucCovariance, aucDesign, aucInfluence } from "../patients/clustered-auc.js";
import { oneShot } from "../patients/one-shot.js";
import { compareReaders } from "../patients/readers.js";
import { disagreementAndError, modelVariance } from "../spread/model-variance.js";
import { defineTest } from "./define.js";
import { confidence, numbers, real } from "./fields.js";

const names = z.array(z.union([z.number(), z.string()]));
const rate = z.object({ estimate: real, cases: real });
/** Scores of the same cases by several readers. */
const readings = z.array(numbers).min(1);

export const clinicalTests = {
  calibration: defineTest({
    title: "Brier score, calibration intercept and slope, and calibration curve",
    input: z.object({ labels: numbers, scores: numbers, clusters: names.optional() }),
    options: z.object({ confidence, grid: numbers.optional() }),
    compute: ({ labels, scores, clusters }, { grid, ...options }) => ({
      ...calibration(labels, scores, clusters ?? null, options),
      ...(grid && { curve: calibrationCurve(labels, scores, grid) }),
    }),
  }),
  net_benefit: defineTest({
    title: "Decision curve: net benefit at thresholds",
    input: z.object({ labels: numbers, scores: numbers, thresholds: numbers }),
    options: z.object({}),
    compute: ({ labels, scores, thresholds }) => ({ ...netBenefit(labels, scores, thresholds) }),
  }),
  predictive_values: defineTest({
    title: "Predictive values at a stated prevalence",
    input: z.object({ sensitivity: rate, specificity: rate, prevalence: real }),
    options: z.object({ confidence }),
    compute: ({ sensitivity, specificity, prevalence }, options) => ({
      ...predictiveValues(sensitivity, specificity, prevalence, options),
    }),
  }),
  model_variance: defineTest({
    title: "Variance between runs, split into a finite test set and a difference of models",
    input: z.object({ right: z.array(numbers), clusters: names.optional() }),
    options: z.object({ confidence }),
    compute: ({ right, clusters }, options) => ({ ...modelVariance(right, clusters ?? null, options) }),
  }),
  disagreement_and_error: defineTest({
    title: "Disagreement of runs beside their error",
    input: z.object({ decided: z.array(numbers), labels: numbers }),
    options: z.object({}),
    compute: ({ decided, labels }) => ({ ...disagreementAndError(decided, labels) }),
  }),
  readers_auc: defineTest({
    title: "Areas of two tests that several readers apply (Obuchowski and Rockette)",
    input: z.object({ labels: numbers, scoresA: readings, scoresB: readings, clusters: names.optional() }),
    options: z.object({ confidence, design: z.enum(["factorial", "nested"]).optional() }),
    compute: ({ labels, scoresA, scoresB, clusters }, { design = "factorial", ...options }) => {
      const cases = aucDesign(labels, clusters ?? null);
      const parts = [scoresA, scoresB].map((scores) => scores.map((own) => aucInfluence(cases, [own])));
      const [a = [], b = []] = parts.map((own) => own.map(({ auc }) => auc));
      const part = (test: number, reader: number) => {
        const found = parts[test]?.[reader];
        if (!found) throw new RangeError(`There is no reader ${reader} of test ${test}.`);
        return found;
      };
      const covariance = (t: number, r: number, u: number, s: number) =>
        aucCovariance(cases, part(t, r), part(u, s));
      return { ...compareReaders([a, b], covariance, design, options) };
    },
  }),
  readers_one_shot: defineTest({
    title: "Mean area of several readers, or its difference between two tests (Gallas, one-shot)",
    input: z.object({ labels: numbers, scoresA: readings, scoresB: readings.optional() }),
    options: z.object({}),
    compute: ({ labels, scoresA, scoresB }) => {
      const of = (scores: readonly (readonly number[])[], label: number) =>
        scores.map((own) => own.filter((_, i) => labels[i] === label));
      const others = scoresB && { positives: of(scoresB, 1), negatives: of(scoresB, 0) };
      return { ...oneShot(of(scoresA, 1), of(scoresA, 0), others) };
    },
  }),
};
