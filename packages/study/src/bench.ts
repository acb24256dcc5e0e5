/**
 * Processor time of every analysis of a study of 480 runs, and of single statistics of a million observations. By itself:
 * `node --import tsx packages/study/src/bench.ts`; as part of `npx pnpm bench`.
 */
import type { Predictions } from "@reprise/contracts";
import * as statistics from "@reprise/statistics";
import * as study from "./index.js";
import { inputOf } from "./test-support/runs-fixture.js";
import { specOf } from "./test-support/spec-fixture.js";

const { createRandom } = statistics;

/** Milliseconds of processor time of all threads, after `warm` calls: the least of three. */
function processorTime(compute: () => unknown, warm = 1): number {
  for (let i = 0; i < warm; i++) compute();
  const times = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage();
    compute();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

const cases = 228;

/** Cases of 100 patients and two sites; a run moves every score a little. */
function predictionsOf(run: number): Predictions {
  const [fixed, noise] = [createRandom(1), createRandom(2, run)];
  const rows = Array.from({ length: cases }, (_, i) => {
    const patient = i % 100;
    const ill = fixed.uniform() < 0.4;
    const logit = (ill ? 1 : -1) + fixed.normal() + 0.3 * noise.normal();
    const risk = Number((1 / (1 + Math.exp(-logit))).toPrecision(7));
    return { id: `case ${i}`, label: ill ? 0 : 1, scores: [risk, 1 - risk], patient, site: patient % 2 };
  });
  return {
    ...{ split: "test", epoch: 1, classes: ["ill", "well"], positiveClass: 0, threshold: 0.5 },
    ids: rows.map(({ id }) => id),
    labels: rows.map(({ label }) => label),
    scores: rows.map(({ scores }) => scores),
    groups: { patient: rows.map(({ patient }) => `patient ${patient}`) },
    subgroups: { site: rows.map(({ site }) => (site === 0 ? "north" : "south")) },
  };
}

/** 3 configurations × 10 seeds × (1 deterministic + 15 free) runs. */
function studyOf480() {
  const spec = specOf({
    search: { method: "list", configurations: ["adam", "sgd", "adamw"].map((optimizer) => ({ optimizer })) },
    seeds: Array.from({ length: 10 }, (_, k) => k),
    modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 15 } },
    dataset: {
      name: "clinic",
      split: { train: 0.5, validation: 0.1, test: 0.4, seed: 1, groupBy: "patient" },
    },
    analysisPlan: {
      primaryMetric: "testAccuracy",
      contrasts: ["mode", "configuration"],
      margin: { testAccuracy: 0.01 },
      prevalence: 0.1,
    },
  });
  const random = createRandom(3);
  const input = inputOf(spec, () => ({
    metrics: { testAccuracy: Number((0.9 + 0.01 * random.normal()).toFixed(6)) },
  }));
  return { ...input, predictions: new Map(input.runs.map(({ id }, at) => [id, predictionsOf(at)])) };
}

function analyses(): [string, number][] {
  const input = studyOf480();
  const of = (name: string, compute: (given: typeof input) => unknown): [string, number] => [
    `${name}, ${input.runs.length} runs of ${cases} cases`,
    processorTime(() => compute(input)),
  ];
  return [
    of("determinism", study.determinismAnalysis),
    of("significance", study.significanceAnalysis),
    of("configurations", study.configurationsAnalysis),
    of("classification", study.classificationAnalysis),
    of("roc", study.rocAnalysis),
    of("readers", study.readersAnalysis),
    of("calibration", study.calibrationAnalysis),
    of("decision curve", study.decisionCurveAnalysis),
    of("subgroups", study.subgroupsAnalysis),
    of("instability", study.instabilityAnalysis),
    of("agreement", study.agreementAnalysis),
    of("extremes", study.extremesAnalysis),
    of("variance", study.varianceAnalysis),
    of("importance", study.importanceAnalysis),
  ];
}

function statisticsOfMillion(): [string, number][] {
  const n = 1_000_000;
  const random = createRandom(4);
  const labels = Uint8Array.from({ length: n }, () => (random.uniform() < 0.3 ? 1 : 0));
  const logits = Float64Array.from(labels, (label) => label + random.normal());
  const scores = logits.map((logit) => 1 / (1 + Math.exp(0.5 - logit)));
  const others = logits.map((logit) => 1 / (1 + Math.exp(-(logit + 0.2 * random.normal()))));
  const right = Uint8Array.from(labels, (label, i) => (Number(scores[i]) >= 0.5 === (label === 1) ? 1 : 0));
  const otherRight = Uint8Array.from(labels, (label, i) =>
    Number(others[i]) >= 0.5 === (label === 1) ? 1 : 0,
  );
  const patients = Int32Array.from({ length: n }, (_, i) => i % 100_000);
  const thresholds = Array.from({ length: 99 }, (_, at) => (at + 1) / 100);
  const grid = Array.from({ length: 49 }, (_, at) => (at + 1) / 50);
  const deciles = Array.from({ length: 10 }, (_, r) =>
    labels.map((label, i) => (Number(right[i]) === 1 || i % 10 === r ? label : 1 - label)),
  );
  const of = (name: string, compute: () => unknown): [string, number] => [
    `${name}, n = 10^6`,
    processorTime(compute, 0),
  ];
  return [
    of("calibration with Brier score", () => statistics.calibration(labels, scores)),
    of("calibration over 100,000 patients", () => statistics.calibration(labels, scores, patients)),
    of("calibration curve", () => statistics.calibrationCurve(labels, scores, grid)),
    of("net benefit at 99 thresholds", () => statistics.netBenefit(labels, scores, thresholds)),
    of("rate over 100,000 patients", () => statistics.clusteredProportion(right, patients)),
    of("area over 100,000 patients", () => statistics.clusteredAuc(labels, scores, patients)),
    of("two areas over 100,000 patients", () => statistics.clusteredAuc(labels, scores, patients, others)),
    of("DeLong, two areas", () => statistics.delong(labels, scores, others)),
    of("McNemar over 100,000 patients", () => statistics.clusteredMcNemar(right, otherRight, patients)),
    of("variance of ten models", () => statistics.modelVariance(deciles)),
    of("disagreement and error of ten models", () => statistics.disagreementAndError(deciles, labels)),
    of("P(A > B), paired", () => statistics.outperformance(scores, others, { paired: true })),
    of("P(A > B), unpaired", () => statistics.outperformance(scores, others, { paired: false })),
    of("Welch's t", () => statistics.welchT(scores, others)),
    of("Mann–Whitney", () => statistics.mannWhitneyU(scores, others)),
    of("Wilcoxon's signed ranks", () =>
      statistics.wilcoxonSignedRank(statistics.pairedDifferences(scores, others)),
    ),
    of("Brown–Forsythe", () => statistics.brownForsythe([scores, others])),
    of("typical difference", () => statistics.typicalDifference([Array.from(scores)])),
  ];
}

const rows = [...analyses(), ...statisticsOfMillion()];
console.log(`
| statistics | processor time |
|---|---:|
${rows.map(([name, ms]) => `| ${name} | ${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms |`).join("\n")}`);
