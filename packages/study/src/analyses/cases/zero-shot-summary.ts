import {
  decodeNumber,
  encodeNumber,
  type ReferenceStudy,
  type WireNumber,
  type ZeroShotConfiguration,
  type ZeroShotFigure,
  type ZeroShotRate,
  type ZeroShotSummary,
} from "@reprise/contracts";
import { guardedConfidence, mean, meanInterval, summarize, withinRange } from "@reprise/statistics";
import { type PrintedExperiment, printedExperiment } from "../../references/printed-experiments.js";
import { known } from "../cells.js";
import type { ClassifiedSample } from "./classified-samples.js";

/** One evaluation set's samples over all configurations, seeds and arms. */
export type Answered = {
  question: string;
  classes: string[];
  positiveClass: string | null;
  samples: ClassifiedSample[];
  /** Accuracy of always naming the most frequent class, and of guessing evenly. */
  chance: { majority: number; even: number };
  cases: number;
};

/** Accuracy of the better of the two guesses. */
export const chanceOf = ({ chance }: Answered) => Math.max(chance.majority, chance.even);

/** AUC stands beside sensitivity and specificity where a class is declared positive. */
export const ratesOf = ({ positiveClass }: Answered): ZeroShotRate[] =>
  positiveClass === null ? ["accuracy"] : ["accuracy", "sensitivity", "specificity", "auc"];

const finite = (values: readonly (WireNumber | null)[]) =>
  values.flatMap((value) => (value === null ? [] : [decodeNumber(value)])).filter(Number.isFinite);

/** Over seeds from three on, none of two, whose points say more; of one seed what the test cases leave open for one run, which no AUC has here. */
function intervalOf(own: readonly ClassifiedSample[], rate: ZeroShotRate): ZeroShotFigure["interval"] {
  const means = finite(own.map(({ row }) => row[rate].mean));
  if (means.length === 2) return null;
  if (means.length > 2) {
    const [low, high] = withinRange(meanInterval(means, guardedConfidence.mean), { low: 0, high: 1 });
    return { low: known(low), high: known(high), over: "seeds" };
  }
  const sampling = rate === "auc" ? null : own[0]?.row.samplingIntervals?.[rate];
  return sampling ? { low: sampling.low, high: sampling.high, over: "cases" } : null;
}

function figureOf(
  question: string,
  rate: ZeroShotRate,
  own: readonly ClassifiedSample[],
  published: PrintedExperiment | null,
): ZeroShotFigure {
  const values = own.flatMap(({ figures }) => figures.flatMap((figure) => figure[rate] ?? []));
  return {
    question,
    rate,
    mean: values.length > 0 ? known(mean(values)) : null,
    sd: values.length > 1 ? known(summarize(values).sd) : null,
    values: values.map(encodeNumber),
    interval: intervalOf(own, rate),
    published: published && {
      value: published.value,
      printed: published.printed,
      table: published.table,
    },
  };
}

/** Samples of each configuration and arm, in the order in which they come, by evaluation set. */
function samplesByConfiguration(answers: readonly Answered[]) {
  const groups = new Map<string, Map<Answered, ClassifiedSample[]>>();
  for (const answer of answers) {
    for (const sample of answer.samples) {
      const key = JSON.stringify([sample.row.group.configurationKey, sample.row.arm]);
      const group = groups.get(key) ?? new Map<Answered, ClassifiedSample[]>();
      group.set(answer, [...(group.get(answer) ?? []), sample]);
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

/** Every rate of every configuration and arm on every evaluation set, beside what a published table prints of it. */
export function zeroShotSummary(
  answers: readonly Answered[],
  references: readonly ReferenceStudy[],
): ZeroShotSummary {
  const printed: PrintedExperiment[] = [];
  const configurations = samplesByConfiguration(answers).flatMap((group): ZeroShotConfiguration[] => {
    const samples = [...group.values()].flat();
    const first = samples[0];
    if (!first) return [];
    const { configurationKey, configurationLabel } = first.row.group;
    const sets = new Set<string>();
    const figures = [...group].flatMap(([answer, own]) =>
      ratesOf(answer).map((rate) => {
        const { question } = answer;
        const published =
          rate === "auc"
            ? null
            : printedExperiment(references, { label: configurationLabel, question, role: rate });
        if (published) printed.push(published);
        if (published?.set) sets.add(published.set);
        return figureOf(question, rate, own, published);
      }),
    );
    return [
      {
        configurationKey,
        configurationLabel,
        set: [...sets][0] ?? null,
        arm: first.row.arm,
        runs: new Set(samples.flatMap(({ figures: own }) => own.map(({ run }) => run.id))).size,
        seeds: new Set(samples.map(({ row }) => row.group.seed)).size,
        figures,
      },
    ];
  });
  const trainedOnce = configurations.length > 1 && configurations.every(({ runs }) => runs === 1);
  return {
    questions: answers.map((answer) => ({
      question: answer.question,
      classes: answer.classes,
      positiveClass: answer.positiveClass,
      cases: answer.cases,
      chance: chanceOf(answer),
    })),
    configurations,
    noEffect: trainedOnce
      ? "One run per configuration: ranks are descriptive, and no effect of a hyperparameter can be claimed. Intervals are over test cases only; how far another seed would move a figure is not known."
      : null,
    reference: printed[0]
      ? {
          ...printed[0].reference,
          quantities: [...new Set(printed.flatMap(({ quantity }) => quantity ?? []))],
        }
      : null,
  };
}
